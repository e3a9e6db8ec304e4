import Foundation
import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

/// The path of the page "Adding a network".
@Suite struct NewNetworkTests {
    private let entry = NetworkCatalogue.Entry(
        "two-convolutions", TwoConvolutions.self, "two convolutions over one stage")

    @Test func exampleKeepsTheContract() throws {
        try checkNetwork(TwoConvolutions(.init()))
    }

    @Test("a recipe builds the example with the data's inputs and classes, and writes it back")
    func recipeBuildsTheExample() throws {
        try NetworkCatalogue.$additions.withValue([entry]) {
            let text = #"{"network": "two-convolutions", "width": 6}"#
            var recipe = try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
            #expect(recipe.statedInputChannels == nil && recipe.statedClasses == nil)
            recipe.fit(inputChannels: 5, classes: 7)
            let network = try recipe.build()
            #expect(network.inputChannels == 5 && network.classes == 7)
            let written = try JSONEncoder().encode(recipe)
            let again = try JSONDecoder().decode(NetworkRecipe.self, from: written)
            #expect(again.statedInputChannels == 5 && again.statedClasses == 7)
            #expect(try again.build().specifications == network.specifications)
        }
    }

    @Test("a network without a line in the catalogue is refused by name")
    func networkWithoutALineIsRefused() {
        let text = #"{"network": "two-convolutions", "width": 6}"#
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
        }
        #expect("\(error, default: "")".contains("There is no network 'two-convolutions'"))
    }

    @Test("the costs of the example count parameters and operations of each part")
    func costsOfTheExample() throws {
        let network = try TwoConvolutions(.init())
        let scene = try Scene(for: network, voxels: [40], seed: 3)
        let costs = network.costs(on: scene.hierarchy)
        #expect(costs.map(\.name) == ["first", "norm", "second", "head"])
        #expect(costs.reduce(0) { $0 + $1.parameters } == network.parameterCount)
        let pairs = scene.hierarchy.stages[0].kernelMap(size: 3).inputs.count
        #expect(
            costs.map(\.operations) == [2 * pairs * 4 * 8, 0, 2 * pairs * 8 * 8, 2 * 40 * 8 * 3])
    }
}
