"""What outsiders may rely on: records, kinds, topics, metrics, codec and their generated JSON Schema.

Everything here is pure. The other rooms (connectors, agents, subscribers) meet only through these names.
"""
