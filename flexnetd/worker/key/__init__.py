"""The worker's door to the YubiKey: challenge-response over a hidraw node, by python-yubico.

    facts       what is known of a key, as frozen values
    answer      pure: what the key's status and flags mean, and when waiting is over
    faults      pure: what an exception on the way means
    pulled      whether what went wrong was a pull
    nodes       where the hidraw nodes are, how one is opened
    hid_device  python-yubico's device class over such a node
    door        the two calls that the worker uses

Why hidraw and not libusb, which python-yubico uses by itself: libusb detaches the keyboard driver from the key, and a
process that ends at the wrong moment leaves it detached, so the person's key does not type any more. A hidraw node is
shared: the key goes on typing while it is open, and nothing has to be put back.
"""
