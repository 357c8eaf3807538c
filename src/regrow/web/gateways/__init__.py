"""Email, SMS and phone gateways: what sends (`Gateway`) and what receives (`InboundMessage`).

No tables. Configuration comes from the environment; without a gateway, messages stay in the sent-messages list.
"""
