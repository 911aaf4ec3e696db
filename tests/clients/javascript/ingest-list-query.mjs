// Ingests, lists and queries with the official SDK; prints what it saw as JSON. Arguments: URL, run token.
import { OpenMeter } from '@openmeter/sdk'

const [url, run] = process.argv.slice(2)
const openmeter = new OpenMeter({ baseUrl: url, apiKey: 'not-checked-here' })
const type = `request-${run}`

await openmeter.meters.create({
  slug: `requests_${run}`,
  aggregation: 'SUM',
  eventType: type,
  valueProperty: '$.amount',
  groupBy: { route: '$.route' },
})
const events = [1, 2, 3].map((amount) => ({
  id: `${run}-${amount}`,
  type,
  subject: `customer-${run}`,
  data: { amount, route: amount > 1 ? '/b' : '/a' },
}))
await openmeter.events.ingest(events[0])
await openmeter.events.ingest(events)

const listed = await openmeter.events.list({ subject: `customer-${run}` })
const result = await openmeter.meters.query(`requests_${run}`, { groupBy: ['route'] })
const subjects = await openmeter.subjects.upsert([{ key: `customer-${run}`, displayName: 'Customer' }])
let refusal
try {
  await openmeter.meters.get(`nothing_${run}`)
} catch (error) {
  refusal = error.status ?? String(error)
}
console.log(
  JSON.stringify({
    ids: listed.map((item) => item.event.id).sort(),
    totals: Object.fromEntries(result.data.map((row) => [row.groupBy.route, row.value])),
    subject: subjects[0].displayName,
    refusal,
  }),
)
