import Checkpoints
import Distillation
import Foundation
import Networks
import Tensors
import Testing
import Training

/// Files of a run: the student in its own files, everything else in others.
@Suite struct StoredRunTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "denju-stored-\(UUID().uuidString)"
    }

    private func advance(_ learner: inout Learner, _ run: TinyRun, steps: Int) throws {
        for _ in 0..<steps {
            let step = try run.step(learner.version, of: learner, shards: [0..<2, 2..<4])
            for (bucket, gradient) in step.gradients.enumerated().reversed() {
                _ = try learner.apply(gradient, to: bucket)
            }
            _ = try learner.completeStep(step.report)
        }
    }

    private func save(_ learner: Learner, _ run: TinyRun, in place: String) throws -> String {
        let store = CheckpointStore(folder + "/" + place + "/checkpoints")
        let saved = try store.save(
            Checkpoint(
                state: CheckpointState(
                    runID: String(repeating: "0", count: 32), epoch: 1, step: learner.version,
                    pass: 0, cursor: 0, seed: run.recipe.seed,
                    recipe: run.recipe.resolved(
                        classes: run.student.classes, inputs: run.student.inputChannels),
                    toolVersion: "test",
                    numerics: NumericsFingerprint(blasCore: "", kernels: "v3", canary: ""),
                    best: nil),
                model: learner.weights, optimizer: learner.moments, extras: learner.extras))
        return store.path(of: saved.folder)
    }

    private func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    @Test func completeRunResumesBitForBit() throws {
        defer { remove() }
        let run = try TinyRun.everythingAtOnce()
        var straight = run.learner
        try advance(&straight, run, steps: 2)
        let path = try save(straight, run, in: "run")
        let groups = try names(in: path).filter { $0.hasSuffix(".index.json") }
        #expect(
            groups == [
                "average-objectives.safetensors.index.json", "average.safetensors.index.json",
                "model.safetensors.index.json", "objectives.safetensors.index.json",
                "optimizer.safetensors.index.json",
            ])
        let store = CheckpointStore(folder + "/run/checkpoints")
        let loaded = try #require(try store.latestGood()).checkpoint
        var resumed = try Learner(
            resuming: loaded, run.context.parameters, optimiser: run.recipe.optimiser,
            average: run.recipe.average)
        try advance(&straight, run, steps: 2)
        try advance(&resumed, run, steps: 2)
        for (a, b) in [
            (straight.weights, resumed.weights), (straight.ownWeights, resumed.ownWeights),
            (straight.moments, resumed.moments),
            (straight.averagedWeights!.student, resumed.averagedWeights!.student),
            (straight.averagedWeights!.own, resumed.averagedWeights!.own),
        ] {
            #expect(a.map(\.name) == b.map(\.name) && !a.isEmpty)
            for (a, b) in zip(a, b) { #expect(a.tensor.isBitIdentical(to: b.tensor), "\(a.name)") }
        }
        let inspection = try store.inspect((path as NSString).lastPathComponent)
        #expect(
            inspection.groups.map(\.name)
                == ["model", "optimizer", "average", "average-objectives", "objectives"])
    }

    /// The same run with and without a projector that weighs nothing: the student's files are the
    /// same to the last byte; and with one that does weigh, of the same layout.
    @Test func studentFilesHoldNoObjectiveParameters() throws {
        defer { remove() }
        func files(_ place: String, _ sum: WeightedSum) throws -> [String: Data] {
            let run = try TinyRun(sum: sum)
            var learner = run.learner
            try advance(&learner, run, steps: 2)
            let path = try save(learner, run, in: place)
            let model = try names(in: path).filter { $0.hasPrefix("model") }
            return try Dictionary(
                uniqueKeysWithValues: model.map {
                    ($0, try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0)))
                })
        }
        let alone = try files("alone", WeightedSum(CrossEntropy()))
        let idle = try files("idle", CrossEntropy() + 0 * Projecting())
        let busy = try files("busy", CrossEntropy() + 1 * Projecting())
        #expect(alone == idle)
        #expect(alone.mapValues(\.count) == busy.mapValues(\.count) && alone != busy)
        let index = try #require(alone.keys.first { $0.hasSuffix(".json") })
        #expect(alone[index] == busy[index])
        // What is exported and served has the student's tensors alone.
        let stored = try StoredModel(folder + "/busy")
        #expect(stored.own.count == 2)
        let exported = try stored.safetensors()
        #expect(try exported.count == StoredModel(folder + "/alone").safetensors().count)
        #expect(!String(decoding: exported, as: UTF8.self).contains("objectives."))
    }

    @Test("a run, its checkpoints, one checkpoint and a file are found; other paths are refused")
    func modelLocations() throws {
        defer { remove() }
        let run = try TinyRun(objectives: "- task.cross-entropy")
        let checkpoint = try save(run.learner, run, in: "run")
        for path in ["/run", "/run/", "/run/checkpoints", "/run/checkpoints/step-00000000"] {
            let newest = try ModelLocation(folder + path).newestCheckpoint()
            #expect(newest.store.path(of: newest.folder) == checkpoint, "\(path)")
            #expect(try StoredModel(folder + path).step == 0, "\(path)")
        }
        #expect(ModelLocation.isFolder(at: folder + "/run"))
        #expect(ModelLocation.isFolder(at: checkpoint) && !ModelLocation.isFolder(at: folder))

        let file = folder + "/model.safetensors"
        try StoredModel(checkpoint).write(to: file)
        #expect(try StoredModel(file).network.classes == run.student.classes)

        let advice = ": give a run's folder, one of its checkpoints or a .safetensors file."
        for (path, reason) in [
            ("/none", "There is no model at \(folder)/none"), ("", "\(folder) holds no checkpoint"),
            ("/model.safetensors", "\(folder)/model.safetensors is a file, not a checkpoint"),
        ] {
            let error = #expect(throws: ModelError.self) {
                try ModelLocation(folder + path).newestCheckpoint()
            }
            #expect(error?.description == reason + advice)
        }
        let error = #expect(throws: ModelError.self) { try StoredModel(folder) }
        #expect(error?.description == "\(folder) holds no checkpoint that can be used" + advice)
    }

    @Test func storedModelIsTheMovingAverage() throws {
        defer { remove() }
        let run = try TinyRun(objectives: "- task.cross-entropy", more: "average: 0.9")
        var learner = run.learner
        try advance(&learner, run, steps: 2)
        _ = try save(learner, run, in: "run")
        let stored = try StoredModel(folder + "/run")
        let average = try #require(learner.averagedWeights).student
        for (a, b) in zip(stored.weights, average) {
            #expect(a.tensor.isBitIdentical(to: b.tensor), "\(a.name)")
        }
    }

    @Test func studentBeginsWithAStoredModelAndItsHeads() throws {
        defer { remove() }
        let first = try TinyRun(sum: CrossEntropy() + 1 * Projecting())
        var learner = first.learner
        try advance(&learner, first, steps: 2)
        _ = try save(learner, first, in: "first")
        let yaml = TinyRun.yaml(objectives: "- task.cross-entropy")
        let begin = try #require(yaml.firstRange(of: "student:"))
        let end = try #require(yaml.firstRange(of: "teacher:"))
        let text =
            yaml[..<begin.lowerBound] + "student: {model: \(folder)/first}\n"
            + yaml[end.lowerBound...]
        let recipe = try Recipe(yaml: String(text))
        #expect(recipe.studentModel == folder + "/first")
        let network = try recipe.studentNetwork(
            classes: first.student.classes, inputs: first.student.inputChannels)
        let parameters = RunParameters(network, first.context.plan)
        var notes: [String] = []
        let begun = try Learner(beginning: recipe, parameters) { notes.append($0) }
        #expect(notes == ["the student begins with \(folder)/first"])
        for (a, b) in zip(
            Array(begun.weights) + Array(begun.ownWeights),
            Array(learner.weights) + Array(learner.ownWeights))
        {
            #expect(a.tensor.isBitIdentical(to: b.tensor), "\(a.name)")
        }
        #expect(begun.version == 0)
        // Workers, who have no such folder, are told the network in full.
        try FileManager.default.removeItem(atPath: folder + "/first")
        let resolved = try Recipe(
            yaml: recipe.resolved(classes: network.classes, inputs: network.inputChannels))
        #expect(
            try resolved.studentNetwork(classes: network.classes, inputs: network.inputChannels)
                .specifications == network.specifications)
    }

    @Test func requestedHeadsAreSentWithTheTeacher() throws {
        let network = try TinyRun().student
        let heads = try #require(try TinyRun.heads(of: network))
        #expect(heads.heads.taps == [.encoder(1)])
        #expect(heads.heads.classes == 4 * network.classes)
        #expect(heads.weights.names.allSatisfy { $0.hasPrefix("auxiliary.enc1.") })
        #expect(try StoredHeads(of: network, among: Weights()) == nil)
    }
}
