# Made by flexnetd/cli/completion.py from the command line's own description.
_flexnet() {
    local word at=flexnet words= previous=${COMP_WORDS[COMP_CWORD-1]} current=${COMP_WORDS[COMP_CWORD]}
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$at $word" in
        'flexnet status'|'flexnet watch'|'flexnet sign-in'|'flexnet renew'|'flexnet sign-out'|'flexnet notices'|'flexnet doctor'|'flexnet profile'|'flexnet profile list'|'flexnet profile show'|'flexnet profile import'|'flexnet recover') at="$at $word" ;;
        esac
    done
    case "$at" in
        'flexnet') words='status watch sign-in renew sign-out notices doctor profile recover -h --help --version' ;;
        'flexnet status') words='-h --help --json' ;;
        'flexnet watch') words='-h --help --json' ;;
        'flexnet sign-in') words='-h --help --profile --factor --serial --username' ;;
        'flexnet renew') words='-h --help --profile --factor --serial' ;;
        'flexnet sign-out') words='-h --help --profile' ;;
        'flexnet notices') words='-h --help --json' ;;
        'flexnet doctor') words='-h --help --json --bundle --with-names' ;;
        'flexnet profile') words='list show import -h --help' ;;
        'flexnet profile list') words='-h --help --json' ;;
        'flexnet profile show') words='-h --help --json' ;;
        'flexnet profile import') words='-h --help' ;;
        'flexnet recover') words='-h --help' ;;
    esac
    case "$previous" in
        --bundle) words='' ;;
        --factor) words='emergency-code oath-hotp yubico-otp yubikey-hmac fido2' ;;
        --profile) words='' ;;
        --serial) words='' ;;
        --username) words='' ;;
    esac
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
    case "$at" in
        'flexnet profile import') while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
    esac
}
complete -F _flexnet flexnet
