import Distillation
import Foundation
import Testing

/// The page on choosing objectives covers what there is.
@Suite struct ChoosingObjectivesTests {
    private let page: String

    init() throws {
        let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        page = try String(
            contentsOfFile: package
                + "/Sources/Distillation/Distillation.docc/ChoosingObjectives.md",
            encoding: .utf8)
    }

    @Test(arguments: ObjectiveCatalogue.entries.map(\.name))
    func pageHasARowPerObjectiveWithGradeAndWeight(name: String) throws {
        let entry = try #require(ObjectiveCatalogue[name])
        let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(name)` |") })
        // A bar within a formula is written \|.
        let cells = row.replacing("\\|", with: "").split(separator: "|").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        #expect(cells.count == 6)
        #expect(cells[3] == entry.grade.rawValue)
        #expect(Double(cells[4]) == entry.weight)
        #expect(Double(cells[5]) != nil)
    }

    @Test func pageNamesEveryPresetAndSetting() {
        for preset in ObjectivePreset.all { #expect(page.contains("- `\(preset.name)`: ")) }
        for entry in ObjectiveCatalogue.entries {
            for setting in entry.settings {
                #expect(page.contains(setting.key), "\(entry.name): \(setting.key)")
            }
        }
    }
}
