import Foundation
import Networks
import Testing

@Suite struct CatalogueTests {
    @Test func recipeBuildsTheNetworkItDescribes() throws {
        let text =
            #"{"network": "point-transformer-v3", "preset": "tiny-student", "in_channels": 4}"#
        let recipe = try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
        let network = try recipe.build()
        #expect(network.inputChannels == 4)
        let written = try JSONEncoder().encode(recipe)
        let again = try JSONDecoder().decode(NetworkRecipe.self, from: written).build()
        #expect(again.specifications == network.specifications)
        #expect(String(decoding: written, as: UTF8.self).contains("point-transformer-v3"))
    }

    @Test func catalogueNamesAreDistinct() {
        let names = NetworkCatalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func tapsAreWrittenAsInParameterNames() throws {
        #expect(Tap("enc2") == .encoder(2))
        #expect(Tap("dec0") == .lastDecoderStage)
        for text in ["enc", "enc-1", "enc+1", "enc01", "mid0", "dec0 "] {
            #expect(Tap(text) == nil)
        }
        let taps = try JSONDecoder().decode([Tap].self, from: Data(#"["enc4", "dec1"]"#.utf8))
        #expect(taps == [.encoder(4), .decoder(1)])
        #expect(
            String(decoding: try JSONEncoder().encode(taps), as: UTF8.self) == #"["enc4","dec1"]"#)
    }

    @Test func missingTapIsNamedWithTheExistingOnes() throws {
        let network = try PointTransformerV3(small)
        #expect(try network.description(of: .decoder(1)).width == 16)
        let error = #expect(throws: NetworkError.self) { try network.description(of: .encoder(3)) }
        #expect(
            error?.description
                == "The network has no tap enc3; its taps are enc0, enc1, enc2, dec1, dec0.")
    }
}
