/// A page that needs nothing from elsewhere: style and scripts stand in it, and it forbids itself to
/// load anything.
package struct Page {
    /// What the window is called.
    package var title: String
    /// What stands in it.
    package var body: HTML
    /// Programs that run once the body is there.
    package var scripts: [String] = []
    /// Where it may ask for data after it was loaded: `'none'`, or `'self'` for a live page.
    package var connects = "'none'"

    /// A page without scripts.
    package init(title: String, body: HTML) {
        self.title = title
        self.body = body
    }

    /// The page of a report: a bar that leads to its sections, a heading, what is to be read first,
    /// and the sections.
    init(report title: String, summary: String, first: [HTML] = [], _ sections: [Section]) {
        let links = sections.map { section -> HTML in
            "<a href=\"#\(section.id)\">\(section.short)</a>"
        }
        self.init(
            title: "\(title) · Denju",
            body: """
                <nav><div><strong>Denju</strong>\(links)\
                <button id="theme" type="button">Light / dark</button></div></nav>
                <main>
                <header><h1>\(title)</h1><p class="soft">\(summary)</p></header>
                \(first)
                \(sections.map(\.html))
                <footer>Written by denju report. Nothing in this file is loaded from elsewhere.</footer>
                </main>
                """)
    }

    /// The page.
    package var html: HTML {
        let policy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
            + "script-src 'unsafe-inline'; connect-src \(connects)"
        return """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta http-equiv="Content-Security-Policy" content="\(policy)" />
            <link rel="icon" href="data:," />
            <title>\(title)</title>
            <style>/*<![CDATA[*/
            \(HTML(markup: Asset.style))
            /*]]>*/</style>
            </head>
            <body>
            \(body)
            \((scripts + [Asset.theme]).map(Self.script))
            </body>
            </html>

            """
    }

    private static func script(_ program: String) -> HTML {
        """
        <script>//<![CDATA[
        \(HTML(markup: program))
        //]]></script>
        """
    }

    /// Data for a script, under a name: JSON, in which nothing means anything in markup.
    static func data(_ name: String, json: String) -> HTML {
        let quiet = json.replacing("&", with: "\\u0026").replacing("<", with: "\\u003c")
        return """
            <script type="application/json" id="\(name)">\(HTML(markup: quiet))</script>
            """
    }
}

/// What pages are made with besides markup; files beside this one, kept in the program.
enum Asset {
    static var style: String { text(PackageResources.page_css) }
    static var theme: String { text(PackageResources.theme_js) }
    static var live: String { text(PackageResources.live_js) }
    static var viewer: String { text(PackageResources.viewer_js) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
