import Testing

/// The digest of weights and optimiser after thirty steps of distillation, for any number of workers
/// and with failures.
@Suite struct SameBitsTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
    }

    private func expectSameBits() throws {
        #expect(try folder.digest(of: "run") == fixture.digest)
        #expect(try folder.steps().map(\.step) == Array(1...30))
    }

    @Test(arguments: [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (5, 1), (5, 2)])
    func digestIsEqualForAnyNumberOfWorkersAndThreads(workers: Int, threads: Int) throws {
        try folder.train(
            "recipe.yaml", "run", "--workers", "\(workers)", "--threads", "\(threads)")
        try expectSameBits()
        #expect(try folder.steps().allSatisfy { $0.workers == workers })
    }

    /// Gradients rounded to bfloat16 in messages give different bits, which again do not depend on
    /// the number of workers.
    @Test func roundedGradientsGiveSameBitsForAnyNumberOfWorkers() throws {
        try folder.write(
            fixture.distillation.yaml.replacing("steps: 30", with: "steps: 8")
                + "wire: bfloat16\n", to: "narrow.yaml")
        var digests: Set<String> = []
        for (workers, threads) in [(1, 1), (3, 1), (2, 2)] {
            let run = "run-\(workers)-\(threads)"
            try folder.train(
                "narrow.yaml", run, "--workers", "\(workers)", "--threads", "\(threads)")
            digests.insert(try folder.digest(of: run))
        }
        #expect(digests.count == 1)
        try folder.train("recipe.yaml", "wide", "--workers", "1", "--stop-after", "8")
        #expect(try !digests.contains(folder.digest(of: "wide")))
    }

    @Test func anotherSeedGivesDifferentBits() throws {
        try folder.train("recipe.yaml", "run", "--workers", "1", "--seed", "4")
        #expect(try folder.digest(of: "run") != fixture.digest)
    }

    @Test func killedWorkerIsReplacedByJoiningWorker() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let survivor = try cluster.join()
        let victim = try cluster.join(threads: 2)
        try folder.waitForStep(4)
        let replacement = try cluster.join()
        victim.kill(9)
        try cluster.coordinator.waitForMessage("is gone")
        #expect(try cluster.outcome().status == 0)
        #expect(try survivor.outcome().status == 0)
        #expect(try replacement.outcome().status == 0)
        #expect(try victim.outcome().status == -9)
        try expectSameBits()
        let steps = try folder.steps()
        #expect(steps.reduce(0) { $0 + $1.deaths } == 1)
        #expect(steps.reduce(0) { $0 + $1.joins } == 3)
    }

    @Test func standbyWorkerReplacesLostWorker() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let survivor = try cluster.join()
        let victim = try cluster.join()
        let spare = try cluster.join("--spare")
        try folder.waitForStep(4)
        victim.kill(9)
        try spare.waitForMessage("takes the place of a lost worker")
        #expect(try cluster.outcome().status == 0)
        #expect(try survivor.outcome().status == 0)
        #expect(try spare.outcome().status == 0)
        try expectSameBits()
        let last = try #require(try folder.steps().last)
        #expect(last.workers == 2)
    }

    @Test func workerReturnsLeasesOnSIGTERM() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let survivor = try cluster.join()
        let leaver = try cluster.join()
        try folder.waitForStep(4)
        leaver.kill(15)  // SIGTERM
        let outcome = try leaver.outcome()
        #expect(outcome.status == 75)
        #expect(outcome.errors.contains("SIGTERM: returning the leases"))
        // The coordinator receives the farewell or detects the closed connection first.
        try cluster.coordinator.waitForMessage("is gone")
        #expect(try cluster.outcome().status == 0)
        #expect(try survivor.outcome().status == 0)
        try expectSameBits()
    }

    @Test func hangingWorkersAreReplacedAndRejoin() throws {
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "2", minimumWorkers: 2)
        let sleepers = try [cluster.join(), cluster.join()]
        try folder.waitForStep(5)
        // Both: a worker that goes on would take over the other's work before that one is lost.
        for sleeper in sleepers { sleeper.kill(19) }  // SIGSTOP
        try cluster.coordinator.waitForMessage("is gone")
        for sleeper in sleepers { sleeper.kill(18) }  // SIGCONT
        try cluster.coordinator.waitForMessage("worker 3 joins")
        #expect(try cluster.outcome().status == 0)
        for sleeper in sleepers { #expect(try sleeper.outcome().status == 0) }
        try expectSameBits()
        // No step ends without the stopped workers, so they were lost during a step.
        #expect(try folder.steps().reduce(0) { $0 + $1.deaths } > 0)
    }

    /// Workers with AVX-512, AVX2 and neither, and with different OpenBLAS cores, one of which is killed.
    @Test func differentMachinesShareRunAlsoWithKill() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 3)
        func join(width: String, core: String) throws -> Command {
            try cluster.join(
                under: ["DENJU_KERNEL_WIDTH": width, "OPENBLAS_CORETYPE": core])
        }
        let machines = try [("4", "SkylakeX"), ("3", "Haswell"), ("0", "Sandybridge")]
            .map { try join(width: $0.0, core: $0.1) }
        try folder.waitForStep(4)
        let replacement = try join(width: "0", core: "Zen")
        machines[1].kill(9)
        #expect(try cluster.outcome().status == 0)
        for machine in [machines[0], machines[2], replacement] {
            #expect(try machine.outcome().status == 0)
        }
        try expectSameBits()
    }

    @Test func killedLocalWorkerIsReplaced() throws {
        let train = try Denju.start(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "2"], in: folder)
        try folder.waitForStep(6)
        let victim = try #require(try train.children().first)
        Command.kill(victim, 9)
        let outcome = try train.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("is gone"))
        try expectSameBits()
    }

    @Test func killedCoordinatorResumesWithMoreWorkers() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let workers = try [cluster.join(), cluster.join(threads: 2)]
        try folder.waitForStep(10)
        let before = workers.map(\.processID)
        try cluster.killCoordinatorAndResume(minimumWorkers: 3)
        let third = try cluster.join()
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("resuming from"))
        for worker in workers + [third] { #expect(try worker.outcome().status == 0) }
        #expect(workers.map(\.processID) == before, "the workers outlive their coordinator")
        try expectSameBits()
    }

    /// Saved with four workers, resumed with one, three and eight.
    @Test func stoppedRunResumesWithAnyNumberOfWorkers() throws {
        try folder.train("recipe.yaml", "saved", "--workers", "4", "--stop-after", "21")
        #expect(try folder.steps(of: "saved").last?.step == 21)
        #expect(try folder.digest(of: "saved") != fixture.digest)
        for workers in [1, 3, 8] {
            try folder.copy("saved", to: "run-\(workers)")
            try folder.train(
                "recipe.yaml", "run-\(workers)", "--workers", "\(workers)", "--resume")
            #expect(
                try folder.digest(of: "run-\(workers)") == fixture.digest, "\(workers) workers")
            #expect(try folder.steps(of: "run-\(workers)").map(\.step) == Array(1...30))
        }
    }

    @Test func interruptWritesResumableCheckpoint() throws {
        let train = try Denju.start(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "2"], in: folder)
        try folder.waitForStep(5)
        train.kill(2)  // SIGINT
        let outcome = try train.outcome()
        #expect(outcome.status == 75, "\(outcome.errors)")
        #expect(outcome.errors.contains("denju: Ctrl-C: finishing the step"))
        let last = try #require(try folder.steps().last?.step)
        #expect(last < 30)
        let name = "step-" + String(repeating: "0", count: last > 9 ? 6 : 7) + "\(last)"
        #expect(try folder.names(in: "run/checkpoints").contains(name))
        #expect(!folder.has("run/address"))
        try folder.train("recipe.yaml", "run", "--workers", "1", "--threads", "2", "--resume")
        try expectSameBits()
    }

    @Test func generatedStreetsAreEqualForAllWorkers() throws {
        let recipe = TinyRecipe(
            steps: 4, data: TinyRecipe.streets, objectives: ["task.cross-entropy", "task.lovasz"])
        try folder.write(recipe.yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "one", "--workers", "1")
        try folder.train("recipe.yaml", "two", "--workers", "3")
        #expect(try folder.digest(of: "one") == folder.digest(of: "two"))
    }
}
