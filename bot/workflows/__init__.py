"""What happens: purchase, watch, deliver, cancel, expire, and who may use the bot."""
