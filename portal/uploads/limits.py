"""How much of a file is taken, and what making it safe may cost. Measured: decision 0128."""

MEGABYTE = 1_000_000
MEBIBYTE = 1 << 20

MOST_BYTES = 10 * MEGABYTE
"""Of a file as it is sent, and of a PDF written anew. A camera's picture of 48 megapixels has 8 at the most."""

MOST_PIXELS_IN_PARTS = 200 * MEGABYTE
"""Of a baseline JPEG, which is decoded at a half, a quarter or an eighth of its size: the largest that phones make."""
MOST_PIXELS_AT_ONCE = 64 * MEGABYTE
"""Of everything that is decoded whole before it is made smaller: PNG, HEIC, and a JPEG in progressive scans."""
LONGEST_SIDE = 2400
"""Of the picture that is kept: small print on a letter that fills the picture can still be read."""
QUALITY = 85

MOST_PAGES = 100
MOST_UNPACKED_BYTES = 256 * MEBIBYTE
"""Of one stream in a PDF: a page scanned in colour at 600 dots an inch has a hundred."""

MEMORY_BYTES = 1024 * MEBIBYTE
"""Of addresses, which are more than what is used. A HEIC of 64 megapixels needs most of them."""
PROCESSOR_S = 15
LONGEST_S = 20.0
"""On the clock: a file that takes longer on a busy machine isn't waited for."""
AT_ONCE = 2
"""Files that one process of the portal has taken apart at the same time; so they need 2 GB at the very most."""
WAITS_S = 5.0
"""How long a file waits for its turn."""
