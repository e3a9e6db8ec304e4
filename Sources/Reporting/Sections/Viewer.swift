import Foundation

extension RunReport {
    /// The three-dimensional viewer of the scans.
    var viewer: Section {
        get throws {
            guard !scans.isEmpty else {
                return Section(id: "scans", title: "Scans", content: .nothing)
            }
            let keys = zip(classes, palette).map { name, colour -> HTML in
                "<span><i style=\"background:\(colour.hex)\"></i>\(name)</span>"
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let data = ViewerData(
                scans: scans.map(\.encoded), classes: classes, palette: palette.map(\.hex))
            let json = String(decoding: try encoder.encode(data), as: UTF8.self)
            return Section(
                id: "scans", title: "Scans",
                lead: "The same scans with their true labels and with the models' labels.",
                content: """
                    <div class="card viewer" id="viewer">
                    <div class="bar"><select id="scan" aria-label="Scan"></select>\
                    <span id="modes" style="display:contents"></span>\
                    <label>point size <input id="size" type="range" min="0.5" max="4" step="0.1" \
                    value="1.6" /></label>\
                    <button id="reset" type="button">Reset view</button></div>
                    <div class="stage" id="stage"><canvas id="points" tabindex="0" \
                    aria-label="Point clouds"></canvas></div>
                    <div class="legend">\(keys)</div>
                    <p class="hint">Drag to turn; with the right button or two fingers to move; \
                    pinch, or use the wheel after a click, to zoom. Errors are red.</p>
                    </div>
                    \(Page.data("scans-data", json: json))
                    """)
        }
    }
}

/// The data that the viewer's script reads.
private struct ViewerData: Encodable {
    var scans: [ViewedScan.Encoded]
    var classes: [String]
    var palette: [String]
}
