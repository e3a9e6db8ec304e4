import Foundation
import Testing

/// The address at which `denju train` listens for its workers.
@Suite struct LocalSocketTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// The folder of this user's sockets, below the test's.
    private var sockets: String { "denju-\(getuid())" }

    @Test func localSocketIsAccessibleToUserOnly() throws {
        try #require(folder.path.utf8.count < 80, "the path of a socket is limited to 108 bytes")
        let here = ["TMPDIR": folder.path]
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "long.yaml")
        try folder.write(fixture.alone(steps: 3).yaml, to: "short.yaml")
        let command = ["train", "--workers", "2", "--recipe"]
        let first = try Denju.start(
            command + ["long.yaml", "--run", "run"], in: folder, under: here)
        try folder.waitForStep(3)
        #expect(try folder.text("run/address").hasPrefix("ipc://\(folder.path)/\(sockets)/"))
        let path = folder.path + "/" + sockets
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o700)
        let status = try Denju.run(["status", "--connect", "file:run/address"], in: folder)
        #expect(status.status == 0, "\(status.errors)")
        #expect(status.output.contains("/local-2"), "\(status.output)")

        // A killed run leaves its socket; the next run removes it.
        first.kill(9)
        #expect(try first.outcome().status == -9)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 1)
        let second = try Denju.run(
            command + ["short.yaml", "--run", "other"], in: folder, under: here)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }

    /// The folder is accessible to others, is a link, or cannot be created.
    @Test("another folder is used instead of one that is not private, never a port")
    func otherFolderIsUsedInsteadOfSharedOne() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        let manager = FileManager.default
        for (number, kind) in ["open", "link", "file", "missing"].enumerated() {
            let place = folder("\(number)")
            let path = place + "/" + sockets
            try manager.createDirectory(atPath: place, withIntermediateDirectories: true)
            switch kind {
            case "open":
                try manager.createDirectory(
                    atPath: path, withIntermediateDirectories: false,
                    attributes: [.posixPermissions: 0o755])
            case "link":
                try manager.createDirectory(
                    atPath: place + "/private", withIntermediateDirectories: false,
                    attributes: [.posixPermissions: 0o700])
                try manager.createSymbolicLink(atPath: path, withDestinationPath: "private")
            case "file": try Data().write(to: URL(filePath: path))
            default: try manager.removeItem(atPath: place)
            }
            let run = try Denju.start(
                ["train", "--recipe", "recipe.yaml", "--run", kind, "--workers", "1"], in: folder,
                under: ["TMPDIR": place])
            try folder.waitForStep(2, of: kind)
            let address = try folder.text(kind + "/address").trimmingCharacters(in: .newlines)
            #expect(address.hasPrefix("ipc:///"), "\(kind): \(address)")
            let used = URL(filePath: String(address.dropFirst("ipc://".count)))
                .deletingLastPathComponent().path
            if kind != "missing" { #expect(used.hasPrefix(path + "-"), "\(kind): \(used)") }
            let mode = try manager.attributesOfItem(atPath: used)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o700)
            run.kill(SIGTERM)
            #expect(try run.outcome().status == 75)
            if kind != "missing" { #expect(!manager.fileExists(atPath: used), "\(used)") }
        }
    }

    @Test(
        "the cache of a user without a home is private",
        .enabled(if: Network.obstacleToNamespaces == nil, "user namespaces"))
    func cacheWithoutHomeIsPrivate() throws {
        let fixture = fixture.alone(steps: 2)
        try folder.write(fixture.yaml, to: "recipe.yaml")
        // A user that the system's list does not name.
        let user = 1_000_000 + Int(getpid())
        let outcome = try Denju.script(
            """
            unset XDG_CACHE_HOME
            denju() { env -u HOME unshare --user --map-user=\(user) denju "$@"; }
            denju worker --connect tcp://127.0.0.1:1 --print-config | grep '^cache '
            env -u HOME denju worker --connect tcp://127.0.0.1:1 --print-config | grep '^cache '
            denju train --recipe recipe.yaml --run run --workers 1 2>log
            stat -c %a /tmp/denju-\(user)
            chmod 755 /tmp/denju-\(user)
            denju worker --connect tcp://127.0.0.1:1 --patience 0.1 || echo $?
            denju train --recipe recipe.yaml --run other --workers 1 || echo $?
            rm -r /tmp/denju-\(user)
            """, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 5, "\(outcome.output) \(outcome.errors)")
        guard lines.count == 5 else { return }
        #expect(lines[0].contains("/tmp/denju-\(user)/cache"))
        let home = unsafe getpwuid(getuid()).map { unsafe String(cString: $0.pointee.pw_dir) } ?? ""
        #expect(lines[1].contains("\(home)/.cache/denju"))
        #expect(lines[2...] == ["700", "2", "2"])
        #expect(outcome.lines.count(where: { $0.contains("is open to other users") }) == 2)
    }

    @Test("an incomplete copy of the program is not started")
    func incompleteProgramIsNotStarted() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        // In place of ssh: runs commands here, below another home; a host that is broken loses the end
        // of the program.
        try folder.write(
            """
            #!/bin/bash
            while [ "$1" != -- ]; do shift; done
            shift 2
            export HOME=$PWD/home
            case "$*" in
                *bin/*)
                    if [ -e broken ]; then
                        head -c 100000 | bash -c "$*"
                        exit
                    fi
                    ;;
            esac
            exec bash -c "$*"
            """, to: "bin/ssh")
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let outcome = try Denju.script(
            """
            chmod +x bin/ssh
            mkdir home
            touch broken
            export PATH=$PWD/bin:$PATH
            echo one >hosts
            ssh=/\(package)/cluster/ssh
            program=$(type -p denju)
            $ssh/up hosts recipe.yaml run --denju "$program" --advertise 127.0.0.1 || echo $?
            find home -path '*/bin/*' -type f
            rm broken
            # A damaged copy under the final name, as an earlier version could leave.
            copy=home/.denju-launch/bin/$(sha256sum <"$program" | cut -d' ' -f1)
            mkdir -p "$copy"
            head -c 100000 "$program" >"$copy/denju"
            chmod +x "$copy/denju"
            $ssh/up run --advertise 127.0.0.1
            cmp "$program" "$copy/denju"
            $ssh/down run
            """, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("did not arrive whole"), "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.contains("3"), "\(outcome.output)")
        #expect(!lines.contains { $0.hasPrefix("home/") }, "\(outcome.output)")
        #expect(lines.contains { $0.hasPrefix("one: started") }, "\(outcome.output)")
        #expect(lines.contains("one: nothing is left there"), "\(outcome.output)")
    }
}
