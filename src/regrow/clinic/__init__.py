"""The Django site: one app per desk, each with its models, views, templates.

Views are thin: who may, read facts, ask the core, render. Desks talk to each other through the core and through
each other's `facts` modules, never through views or templates. Models store; they decide nothing.
"""
