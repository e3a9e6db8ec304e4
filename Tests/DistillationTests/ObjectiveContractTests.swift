import Distillation
import NetworkTesting
import Testing

/// The contract, for every entry of the catalogue.
@Suite struct ObjectiveContractTests {
    @Test(
        "an entry's objective has its name and passes the contract",
        arguments: ObjectiveCatalogue.entries.map(\.name))
    func entryPassesTheContract(name: String) throws {
        let entry = try #require(ObjectiveCatalogue[name])
        let objective = try entry.trialObjective()
        #expect(type(of: objective).name == name)
        try checkObjective(objective, drawsPoints: entry.trial.drawsPoints)
    }

    @Test(
        "an objective that needs a teacher names itself and the remedy where there is none",
        arguments: ObjectiveCatalogue.entries.map(\.name))
    func missingTeacherIsNamedWithARemedy(name: String) throws {
        let objective = try #require(ObjectiveCatalogue[name]).trialObjective()
        guard !objective.needs.isDisjoint(with: .teacher) else { return }
        let pair = NetworkPair(student: ObjectiveTrial().pair.student, teacher: nil, classes: 4)
        let error = #expect(throws: ObjectiveError.self) {
            try ObjectivePlan(WeightedSum(objective), for: pair)
        }
        #expect(
            error?.description
                == "\(name) compares the student with a teacher, but the recipe names none: give it "
                + "a teacher or remove the objective.")
        var trial = ObjectiveTrial()
        trial.hasTeacher = false
        #expect(throws: ObjectiveError.self) {
            try trial.outcome(of: objective, shards: [[0, 1]])
        }
    }
}
