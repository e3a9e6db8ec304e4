import NetworkTesting
import Networks
import Testing
import Training

/// A student of a network that is added as the page "Adding a network" describes.
@Suite struct NewNetworkRecipeTests {
    private let entry = NetworkCatalogue.Entry(
        "two-convolutions", TwoConvolutions.self, "two convolutions over one stage")

    private func recipe(_ student: String) throws -> Recipe {
        try Recipe(
            yaml: RecipeTests.minimal.replacing("{preset: tiny-student}", with: student),
            file: "r.yaml")
    }

    @Test("a new network takes its inputs and classes from the data, also from the resolved recipe")
    func newNetworkTakesInputsAndClassesFromTheData() throws {
        try NetworkCatalogue.$additions.withValue([entry]) {
            let given = try recipe("{network: two-convolutions, width: 6}")
            let network = try given.studentNetwork(classes: 7, inputs: 5)
            #expect(network.classes == 7 && network.inputChannels == 5)
            #expect(network.taps.map(\.width) == [6])
            let resolved = try Recipe(yaml: given.resolved(classes: 7, inputs: 5))
            #expect(
                try resolved.studentNetwork(classes: 7, inputs: 5).specifications
                    == network.specifications)
        }
    }

    @Test("a new network's classes must be those of the data")
    func classesOfANewNetworkMustBeThoseOfTheData() throws {
        try NetworkCatalogue.$additions.withValue([entry]) {
            let given = try recipe("{network: two-convolutions, width: 6, num_classes: 3}")
            let error = #expect(throws: (any Error).self) {
                try given.studentNetwork(classes: 7, inputs: 5)
            }
            #expect(
                "\(error, default: "")".contains("student.num_classes is 3, but the data have 7"))
        }
    }
}
