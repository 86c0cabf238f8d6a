"""Telegram channels through an account (MTProto), and what both ways of reading Telegram share."""
