// Sells a plan with an add-on to a customer, who uses some of it; prints what it saw as JSON. Arguments: URL, run token.
import { OpenMeter } from '@openmeter/sdk'

const [url, run] = process.argv.slice(2)
const openmeter = new OpenMeter({ baseUrl: url, apiKey: 'not-checked-here' })
const calls = `calls_${run}`
const customer = `customer-${run}`

const allowance = (amount) => ({
  type: 'flat_fee',
  key: calls,
  name: 'Calls',
  featureKey: calls,
  billingCadence: 'P1M',
  price: null,
  entitlementTemplate: { type: 'metered', isSoftLimit: false, usagePeriod: 'P1M', issueAfterReset: amount },
})

await openmeter.meters.create({ slug: calls, aggregation: 'COUNT', eventType: `call-${run}` })
await openmeter.features.create({ key: calls, name: 'Calls', meterSlug: calls })
const addon = await openmeter.addons.create({
  key: `extra_${run}`,
  name: 'Extra',
  currency: 'USD',
  instanceType: 'multiple',
  rateCards: [allowance(10)],
})
await openmeter.addons.publish(addon.id)
const draft = await openmeter.plans.create({
  key: `basic_${run}`,
  name: 'Basic',
  currency: 'USD',
  billingCadence: 'P1M',
  phases: [{ key: 'main', name: 'Main', duration: null, rateCards: [allowance(100)] }],
})
await openmeter.plans.addons.create(draft.id, { addonId: addon.id, fromPlanPhase: 'main', maxQuantity: 3 })
const plan = await openmeter.plans.publish(draft.id)

const { id } = await openmeter.customers.create({
  key: customer,
  name: 'Acme',
  usageAttribution: { subjectKeys: [customer] },
})
const subscription = await openmeter.subscriptions.create({ customerId: id, plan: { key: plan.key } })
await openmeter.subscriptionAddons.create(subscription.id, {
  name: 'Extra',
  addon: { id: addon.id },
  quantity: 2,
  timing: 'immediate',
})
await openmeter.events.ingest([1, 2, 3].map((n) => ({ id: `${run}-${n}`, type: `call-${run}`, subject: customer })))
const value = await openmeter.customers.entitlementsV1.value(id, calls)
const access = await openmeter.customers.getAccess(customer)
const shown = await openmeter.subscriptions.get(subscription.id)
const canceled = await openmeter.subscriptions.cancel(subscription.id, { timing: 'next_billing_cycle' })
let refusal
try {
  await openmeter.subscriptions.create({ customerId: id, plan: { key: `nothing_${run}` } })
} catch (error) {
  refusal = error.status ?? String(error)
}
console.log(
  JSON.stringify({
    plan: [plan.status, plan.version],
    value: [value.balance, value.usage, value.totalAvailableGrantAmount],
    access: access.entitlements[calls].hasAccess,
    phases: shown.phases.map((phase) => phase.key),
    statuses: [subscription.status, canceled.status],
    month: canceled.activeTo > subscription.activeFrom,
    refusal,
  }),
)
