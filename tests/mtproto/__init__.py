"""A local Telegram for tests: the real Telethon client talks to it over the real protocol, on 127.0.0.1 only.

`world` holds channels and their messages, `wire` speaks MTProto, `server` answers requests and has a switch for every
fault, `pages` shows the same world as t.me/s would.
"""
