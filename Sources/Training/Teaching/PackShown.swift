import Datasets
import Distillation
import Networks
package import PointClouds

extension PackDescription {
    /// What a teacher is shown by a recipe: the same sample, view and settings make the same input.
    package struct Shown: Codable, Sendable {
        /// The data's source.
        package var source: String
        /// Views of each sample.
        package var viewCount: Int
        /// What the views are drawn from.
        package var viewSeed: UInt64
        /// How they are made.
        package var views: ViewRecipe
        /// The side of a voxel, metres.
        package var grid: Float
        /// Voxels of a cloud at the most.
        package var points: Int
        /// What the teacher reads of a point.
        package var features: [Feature]
        /// How the strong view is made of a view, where there is one.
        package var strongView: ViewRecipe?
        /// The requested outputs; nil where they are not settled yet.
        package var query: TeacherQuery?

        // Packs written before the query was renamed must remain readable.
        private enum CodingKeys: String, CodingKey {
            case source, viewCount, viewSeed, views, grid, points, features, strongView
            case query = "question"
        }

        /// What a recipe of so many views shows a teacher that is asked this.
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

        /// The first thing in which what is wanted differs from what a pack was made for, in a few
        /// words; nil if nothing does.
        func difference(from made: Shown, _ query: TeacherQuery) -> String? {
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
