"""SpotSMS and Telegram's Bot API on loopback: demo, tests and benches stand on them.

Imports nothing of the product, so that it cannot share the product's mistakes.
"""
