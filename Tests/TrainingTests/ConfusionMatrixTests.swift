import Testing
import Training

@Suite struct ConfusionMatrixTests {
    @Test func metricsFollowTheirDefinitions() {
        var matrix = ConfusionMatrix(classes: 3)
        matrix.add(truth: [0, 0, 0, 1, 1, -1], predicted: [0, 0, 1, 1, 0, 2])
        // Class 0: hit 2, true 3, predicted 3; class 1: hit 1, true 2, predicted 2; class 2 absent.
        #expect(matrix.intersectionOverUnion(of: 0) == 0.5)
        #expect(matrix.intersectionOverUnion(of: 1) == 1.0 / 3)
        #expect(matrix.intersectionOverUnion(of: 2) == nil)
        #expect(abs(matrix.meanIntersectionOverUnion() - (0.5 + 1.0 / 3) / 2) < 1e-15)
        #expect(matrix.meanIntersectionOverUnion(excluding: [1]) == 0.5)
        #expect(abs(matrix.meanAccuracy() - (2.0 / 3 + 0.5) / 2) < 1e-15)
        #expect(matrix.overallAccuracy == 0.6)
        #expect((matrix + matrix).counts.reduce(0, +) == 10)
    }
}
