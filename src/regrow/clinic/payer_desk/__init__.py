"""Coverage: a payer's criteria against the chart, the letter that asks, and the price when nobody pays."""
