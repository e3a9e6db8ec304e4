# shellcheck shell=bash
# Sourced by the batch scripts: runs a step that is signalled before the job's time limit.

# Whether Slurm has signalled (SIGUSR1, by --signal) that the job must end soon.
# shellcheck disable=SC2034  # read by the scripts that source this one, like `status`
leaving=false
interrupted=false
step=''
trap 'leaving=true; interrupted=true; [ -z "$step" ] || kill -USR1 "$step"' USR1

# run_step COMMAND...: runs it as a step of one task and stores its exit status in `status`. srun
# forwards signals to the command. A failing step does not end the job.
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

# Requeues this job, to continue when resources are free.
requeue() {
    scontrol requeue "$SLURM_JOB_ID"
    # Slurm ends this script; its status must not be taken for the job's.
    sleep 60
}
