"""The practice desk: an Escalations API of its own, with wire types of its own, and its scenarios.

It shares nothing with the client but the contract, so that both cannot misread it alike.
"""
