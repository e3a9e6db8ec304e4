# shellcheck shell=bash
# Sourced by the batch scripts: a step that is told when the job's time is about to be over.

# Whether Slurm has said (SIGUSR1, by --signal) that the job must end soon.
# shellcheck disable=SC2034  # whoever sources this reads it, and `status`
leaving=false
interrupted=false
step=''
trap 'leaving=true; interrupted=true; [ -z "$step" ] || kill -USR1 "$step"' USR1

# run_step COMMAND...: runs it as a step of one task; its status is left in `status`. srun hands
# signals on to the command. One that ends badly takes nothing else with it.
run_step() {
    srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" --kill-on-bad-exit=0 "$@" &
    step=$!
    while true; do
        interrupted=false
        status=0
        # shellcheck disable=SC2034
        wait "$step" || status=$?
        # A trap ends the wait, not the step.
        $interrupted || break
    done
    step=''
}

# Puts this job back into the queue, to go on later where there is room.
requeue() {
    scontrol requeue "$SLURM_JOB_ID"
    # Slurm ends this script; its status must not be taken for the job's.
    sleep 60
}
