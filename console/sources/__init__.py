"""The systems that queues come from, each a `Source`: wire documents in, records out."""
