"""SpotSMS numbers in Telegram chats."""
