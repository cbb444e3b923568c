"""x"""
from sentikit import hookimpl
@hookimpl
def register_captioners(register): pass
