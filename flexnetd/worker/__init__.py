"""flexnetd-worker: one unprivileged process a request, which alone talks to the Internet and to the YubiKey.

The theory:
- Whatever comes from outside is parsed here, where there is nothing to steal: no capability, no private key, no file.
- A process serves one request and ends. Nothing is remembered, so nothing leaks from one request into the next.
- Every wait is one poll (wait.py) over what is awaited and the daemon's connection: a daemon that hangs up cancels at
  once, and no wait outlasts its deadline, however the other side drips.
- Everything that is received is bounded before it is read, and every failure has its code.

    main         the process: give up what is not needed, then serve
    serve        one request, one answer; the one broad handler
    confinement  what is given up
    daemon_line  the connection to flexnetd
    verbs        which request is carried out by what
    sign_in      login and renewal: begin, the proof, finish
    probes       single questions about the network, the portal and the key
    portal       the portal's resources as typed calls
    exchange     one HTTP request and its answer, bounded
    answers      pure: what a status, a content type and a problem document mean
    trust        TLS, by what the request says is to be trusted
    certificate  pure: the few things in a certificate that pins need
    captive      is there a captive portal in the way?
    dial, names  TCP connections and addresses, several at a time
    channel      a socket for http.client, whose every read and write waits by wait.py
    wait         the one place where the worker waits
    key/         the YubiKey's challenge-response
    fido2/       its FIDO2 application
"""
