"""A YubiKey in software: the OTP application as a model, and ways to show it to programs that know only real keys.

    frames, slot, typed_text    the protocol's words, without state
    model                       one key: slots, counters, touch, status; takes and gives feature reports
    port                        a USB port that holds a key, or none, or one that misbehaves
    in_process                  a port as the product's worker sees a hidraw node, without a kernel
    usb_face                    descriptors and control transfers around a port
    sysfs, hidraw_node, usbfs_node, farend
                                ports as umockdev shows them to other, unmodified processes
    control, plugged_key        a socket to script them while they are seen; `python -m tests.bed.yubikey`

Nothing here was confirmed by hardware where this says "assumed".
"""
