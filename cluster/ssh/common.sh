# shellcheck shell=bash
# Sourced by up, status, logs and down: hostfiles, the run's launch folder, ssh.
#
# RUN/launch contains the four commands' record of a run, on this machine only:
#   hosts              one line a host: host, slots
#   id                 the run's name on the hosts, below ~/.denju-launch/runs there
#   recipe, denju      paths of the recipe and of the program
#   port               the coordinator's first port, which workers connect to
#   ssh_config         the path of another ssh configuration, if one was given
#   coordinator.pid    and coordinator.log
#   keys/              coordinator.key, HOST.key (mode 600), allowed/HOST.pub

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 2
}

# Prints the comment at the top of a command, which is its help.
help_of() {
    sed -n '2,/^set -/s/^# \{0,1\}//p' "$1" | sed '/^set -/d'
}

# read_hosts HOSTFILE: prints "host slots" lines. Lines are `host`, `host slots=4` (Open MPI) or
# `host:4` (Horovod); text after # is a comment. A host is anything that ssh accepts: a name, an alias of
# ssh's configuration, user@name.
read_hosts() {
    local line number=0 host slots seen=' '
    [ -r "$1" ] || fail "the hostfile $1 cannot be read: give one with a line 'host slots=N' per host."
    while read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        line=${line%%#*}
        read -r host slots <<<"$line"
        [ -n "$host" ] || continue
        if [[ $host =~ ^(.+):([0-9]+)$ && -z $slots ]]; then
            host=${BASH_REMATCH[1]}
            slots="slots=${BASH_REMATCH[2]}"
        fi
        slots=${slots:-slots=1}
        [[ $host =~ ^[A-Za-z0-9_.@][A-Za-z0-9_.@-]*$ ]] \
            || fail "$1, line $number: '$host' is not a host's name."
        [[ $slots =~ ^slots=([1-9][0-9]{0,2})$ ]] \
            || fail "$1, line $number: '$slots' is not slots=N with N from 1 to 999."
        [[ $seen != *" $host "* ]] || fail "$1, line $number: $host is listed twice."
        seen+="$host "
        echo "$host ${BASH_REMATCH[1]}"
    done <"$1"
    [ "$seen" != ' ' ] || fail "$1 names no host: write a line 'host slots=N' for each."
}

# Sets run, launch and id from a run's folder that `up` has been given before.
open_run() {
    [ -n "$1" ] || fail "no run was given: give the folder that 'up' was given."
    run=$(realpath -m -- "$1")
    launch=$run/launch
    [ -r "$launch/id" ] || fail "$run was not launched from here, or has been taken down."
    # shellcheck disable=SC2034  # used by the scripts that source this one
    id=$(cat "$launch/id")
}

# call HOST COMMAND...: runs a command on a host. Host keys are checked as ssh is configured, and ssh asks
# no questions: a prompt would block the launch of all other hosts.
call() {
    local host=$1
    shift
    local options=(-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=10 -o LogLevel=ERROR)
    [ -s "$launch/ssh_config" ] && options+=(-F "$(cat "$launch/ssh_config")")
    ssh "${options[@]}" -- "$host" "$@"
}

# there HOST ARGUMENTS...: runs a command of `remote` on a host. Arguments contain no blanks or quotes.
there() {
    local host=$1
    shift
    call "$host" sh -s -- "$@" <"$(dirname "${BASH_SOURCE[0]}")/remote"
}

# reason FILE: prints the reason of ssh's failure in one line.
reason() {
    local line
    line=$(grep -v '^@' "$1" | grep -E 'ssh:|denied|verification|closed|refused|timed out|[a-z]' | tail -1)
    if grep -q 'verification failed' "$1"; then
        line="its host key is not known or has changed: check it, then add it to known_hosts"
    fi
    echo "${line:-ssh printed nothing}"
}

# Whether the coordinator recorded in this folder is running.
coordinator_runs() {
    local pid
    pid=$(cat "$launch/coordinator.pid" 2>/dev/null) || return 1
    # The process number may have been reused.
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "$run"
}
