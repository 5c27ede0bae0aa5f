"""What a specialist's machine keeps: records, the encrypted store, outbox, drafts, audit chain.

No network, no screen, no rule of casework. `records` is the ground floor of the whole house and
`hostile` may be imported by anyone.
"""
