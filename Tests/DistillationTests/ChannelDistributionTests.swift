import Distillation
import Foundation
import NetworkTesting
import Testing

@Suite struct ChannelDistributionTests {
    @Test(arguments: [0.5, 2.0]) func passesTheContract(temperature: Double) throws {
        try checkObjective(ChannelDistribution(temperature: temperature)) { trial in
            Self.loss(trial.clouds.map { [$0] }, trial, temperature)
        }
    }

    /// Softmax over the mini-batch's points is another loss.
    @Test func singleDistributionForAllCloudsIsRejected() throws {
        #expect(throws: ObjectiveViolation.self) {
            try checkObjective(ChannelDistribution(temperature: 2)) { trial in
                Self.loss([trial.clouds], trial, 2)
            }
        }
    }

    /// The loss where each group of clouds shares its channels' distributions.
    private static func loss(
        _ groups: [[ObjectiveTrial.Cloud]], _ trial: ObjectiveTrial, _ temperature: Double
    ) -> Double {
        let losses = groups.map { clouds in
            let student = clouds.flatMap { Reference.projected($0.studentFeatures, trial) }
            let teacher = clouds.flatMap(\.teacherFeatures)
            let channels = teacher[0].indices.map { channel in
                Reference.divergence(
                    of: student.map { $0[channel] }, from: teacher.map { $0[channel] },
                    temperature: temperature)
            }
            return channels.reduce(0, +) / Double(channels.count)
        }
        return temperature * temperature * losses.reduce(0, +) / Double(losses.count)
    }
}
