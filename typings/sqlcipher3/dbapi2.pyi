# sqlcipher3 is a build of CPython's sqlite3 module: same names, its own exception classes.
from sqlite3.dbapi2 import *  # noqa: F403
