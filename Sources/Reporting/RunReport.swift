package import Pictures
package import Telemetry

/// The contents of a run's report.
package struct RunReport: Sendable {
    /// The report's title: the run's name.
    package var title: String
    /// Names and values that identify the run: the recipe's hash, the seed, the number of steps.
    package var facts: [(name: String, value: String)]
    /// The objectives as a formula.
    package var formula: String
    /// The recipe as it was given.
    package var recipe: String
    /// The run's steps.
    package var records: [StepRecord]
    /// The run's validations.
    package var validations: [ValidationRecord]
    /// The scans on which the models were measured.
    package var measuredOn: String
    /// Names of the classes.
    package var classes: [String]
    /// A colour for each class.
    package var palette: [Picture.Colour]
    /// Teacher, student and the student trained alone, as far as the run has them.
    package var models: [ModelFigures]
    /// Rows of affinities: teacher, student, difference.
    package var affinities: [(title: String, note: String, figures: [AffinityFigure])]
    /// Singular values in descending order, in groups that share a figure.
    package var spectra: [(title: String, note: String, lines: [(name: String, values: [Double])])]
    /// Scans for the viewer.
    package var scans: [ViewedScan]
    /// Remarks for the reader, such as a teacher that is missing.
    package var notes: [String]

    /// A report without measurements.
    package init(title: String, formula: String, recipe: String, classes: [String]) {
        self.title = title
        self.formula = formula
        self.recipe = recipe
        self.classes = classes
        facts = []
        records = []
        validations = []
        measuredOn = ""
        palette = []
        models = []
        affinities = []
        spectra = []
        scans = []
        notes = []
    }

    /// The report as one self-contained file.
    package var html: String {
        get throws {
            let remarks = notes.map { note -> HTML in "<p class=\"card\">\(note)</p>" }
            var page = try Page(
                report: title, summary: summary, first: [tiles] + remarks, sections)
            // The viewer's script would fail on a page without its canvas.
            if !scans.isEmpty { page.scripts = [Asset.viewer] }
            return page.html.text
        }
    }

    private var sections: [Section] {
        get throws {
            [
                results, try viewer, learning, confusions, relations, confidence, directions,
                time, origin,
            ].filter { $0.content != .nothing }
        }
    }

    /// The model of a role, if it was measured.
    func model(_ role: ModelFigures.Role) -> ModelFigures? { models.first { $0.role == role } }
}

/// A part of a page with a heading of its own.
struct Section {
    var id: String
    var title: String
    /// The title in the page's navigation bar.
    var short: String
    var lead: String
    var content: HTML

    init(id: String, title: String, short: String? = nil, lead: String = "", content: HTML) {
        self.id = id
        self.title = title
        self.short = short ?? title
        self.lead = lead
        self.content = content
    }

    var html: HTML {
        let paragraph: HTML = lead.isEmpty ? "" : "<p class=\"soft\">\(lead)</p>"
        return """
            <section id="\(id)"><h2>\(title)</h2>\(paragraph)
            \(content)
            </section>
            """
    }

    /// The main figures as large tiles; nothing without figures.
    static func tiles(_ tiles: [(value: String, name: String)]) -> HTML {
        let cells = tiles.map { tile -> HTML in
            "<div class=\"tile\"><b>\(tile.value)</b><span>\(tile.name)</span></div>"
        }
        return cells.isEmpty ? .nothing : "<div class=\"tiles\">\(cells)</div>"
    }

    /// Figures side by side as far as the width allows; nothing without figures.
    static func grid(_ figures: [HTML], three: Bool = false) -> HTML {
        let shown = figures.filter { $0 != .nothing }
        return shown.isEmpty
            ? .nothing : "<div class=\"grid\(three ? " three" : "")\">\(shown)</div>"
    }
}
