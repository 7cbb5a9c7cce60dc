"""Library systems that speak SIP2 (3M Standard Interchange Protocol 2.00), whatever each of them makes of it.

``messages`` is the protocol as data, ``fields`` what can stand in it, ``layout`` how it is read and written,
``framing`` how it lies on the wire, ``dialect`` what differs from site to site, ``requests`` what we ask in a dialect,
``tracing`` what may be told of it. On these stand ``site`` (an address), ``connection``, ``pool``, ``questions`` (what
is read of a card), ``changes`` (what is done, and looking whether it was), and ``adapter``, the port.
``docs/sip2.md`` says which server does what.
"""
