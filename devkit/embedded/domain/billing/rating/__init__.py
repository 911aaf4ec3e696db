"""Rating: what a line costs, as pure functions on Decimal.

    rate(line, metered=None, billed=(), *, final=True) -> Rated        rating/line_rating.py
    rated_line(line, rated, *, new_id, now) -> Line                    rating/rated_lines.py

A line that is split is rated by difference: all that its charge used so far is priced anew, and the detailed lines that
the earlier parts billed are taken off (rating/remainders.py).
"""
