import Datasets
import Distillation
import Networks
package import PointClouds

extension PackDescription {
    /// Settings of a recipe that determine the teacher's inputs for a sample and view.
    package struct Inputs: Codable, Sendable {
        /// The source of the data.
        package var source: String
        /// The number of views of each sample.
        package var viewCount: Int
        /// The seed of the views.
        package var viewSeed: UInt64
        /// The augmentations.
        package var views: ViewRecipe
        /// The side of a voxel, metres.
        package var grid: Float
        /// The maximum number of voxels of a cloud.
        package var points: Int
        /// The teacher's features.
        package var features: [Feature]
        /// The augmentations of the strong view, if there is one.
        package var strongView: ViewRecipe?
        /// The requested outputs; nil where they are not settled yet.
        package var query: TeacherQuery?

        // Packs written before the query was renamed must remain readable.
        private enum CodingKeys: String, CodingKey {
            case source, viewCount, viewSeed, views, grid, points, features, strongView
            case query = "question"
        }

        /// The settings of a recipe with fixed views and a query.
        package init(_ recipe: Recipe, _ fixed: FixedViews, _ query: TeacherQuery? = nil) {
            source = recipe.data.source
            viewCount = fixed.count
            viewSeed = fixed.seed
            views = recipe.views
            grid = recipe.grid
            points = recipe.points
            features = (recipe.teacher?.features ?? recipe.studentFeatures).features ?? []
            strongView =
                recipe.objectives.needs.contains(.strongView) ? recipe.strongView : nil
            self.query = query
        }

        /// The first difference from the settings that a pack was built for, in a few words; nil if there is
        /// none.
        func difference(from made: Inputs, _ query: TeacherQuery) -> String? {
            func names(_ taps: [Tap]) -> String { "\(taps.map(\.description).sorted())" }
            let parts = [
                ("the source", source, made.source), ("grid", "\(grid)", "\(made.grid)"),
                ("points", "\(points)", "\(made.points)"),
                ("features", "\(features)", "\(made.features)"),
                ("views", views.name, made.views.name),
                ("views.seed", "\(viewSeed)", "\(made.viewSeed)"),
                ("taps", names(query.taps), names(made.query?.taps ?? [])),
                ("heads", names(query.heads), names(made.query?.heads ?? [])),
            ]
            if let (name, here, there) = parts.first(where: { $0.1 != $0.2 }) {
                return "it was made with \(name) \(there), not \(here)"
            }
            if views != made.views || strongView != made.strongView {
                return "it was made with other augmentations"
            }
            guard viewCount > made.viewCount else { return nil }
            return "it was made with \(made.viewCount) views, not \(viewCount)"
        }
    }
}
