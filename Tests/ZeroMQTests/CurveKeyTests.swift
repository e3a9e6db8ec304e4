import Foundation
import Testing
import ZeroMQ

@Suite struct CurveKeyTests {
    /// The example of ZeroMQ RFC 26 and of libzmq's own manual.
    private let secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
    private let open = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("denju-keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("a secret key determines its public key") func secretKeyDeterminesItsPublicKey() throws {
        let pair = try CurveKeyPair(secretKey: CurveSecretKey(z85: secret))
        #expect(pair.publicKey.z85 == open)
        #expect(pair.secretKey.z85 == secret)
        #expect(try CurvePublicKey(z85: open) == pair.publicKey)
        #expect(CurvePublicKey(bytes: pair.publicKey.bytes) == pair.publicKey)
        #expect(pair.publicKey.fingerprint == "bb88471d65e2659b30c55a5321cebb5a")
    }

    @Test("generated key pairs differ") func generatedKeyPairsDiffer() throws {
        let pairs = [try CurveKeyPair.generate(), try CurveKeyPair.generate()]
        #expect(pairs[0].publicKey != pairs[1].publicKey)
        #expect(pairs[0].publicKey.fingerprint.count == 32)
    }

    @Test("texts that are not keys are rejected") func textsThatAreNotKeysAreRejected() {
        for text in [
            "", "x", String(open.dropLast()), open + "0", String(repeating: "~", count: 40),
            String(repeating: "#", count: 40), String(repeating: "é", count: 20),
        ] {
            #expect(throws: SocketError.self) { try CurvePublicKey(z85: text) }
            #expect(throws: SocketError.self) { try CurveSecretKey(z85: text) }
        }
        #expect(CurvePublicKey(bytes: [1, 2, 3]) == nil)
    }

    @Test("secret keys are not printed") func secretKeysAreNotPrinted() throws {
        let pair = try CurveKeyPair(secretKey: CurveSecretKey(z85: secret))
        var dumped = ""
        dump(pair, to: &dumped)
        for text in ["\(pair)", "\(pair.secretKey)", String(reflecting: pair), dumped] {
            #expect(!text.contains(secret))
            #expect(!text.contains("188"))
        }
    }

    @Test("only the superuser's key files may be group-readable")
    func onlySuperusersKeyFilesMayBeGroupReadable() {
        for mode: UInt32 in [0o600, 0o400] {
            #expect(KeyFile.isSafe(mode: mode, owner: 1000, reader: 1000))
            #expect(KeyFile.isSafe(mode: mode, owner: 0, reader: 0))
        }
        for mode: UInt32 in [0o640, 0o440] {
            #expect(KeyFile.isSafe(mode: mode, owner: 0, reader: 1000))
            #expect(!KeyFile.isSafe(mode: mode, owner: 0, reader: 0))
            #expect(!KeyFile.isSafe(mode: mode, owner: 1000, reader: 1000))
        }
        for mode: UInt32 in [0o660, 0o644, 0o604, 0o650] {
            #expect(!KeyFile.isSafe(mode: mode, owner: 0, reader: 1000))
        }
    }

    @Test("key files are read back") func keyFilesAreReadBack() throws {
        try withFolder { folder in
            let pair = try CurveKeyPair.generate()
            let path = folder + "/kiln"
            try pair.write(to: path)
            #expect(try mode(path + ".key") == 0o600)
            let read = try CurveKeyPair(secretKeyFile: path + ".key")
            #expect(read.publicKey == pair.publicKey)
            #expect(read.secretKey.z85 == pair.secretKey.z85)
            #expect(try CurvePublicKey(file: path + ".pub") == pair.publicKey)
            #expect(throws: SocketError.self) { try pair.write(to: path) }
            #expect(try CurveKeyPair(secretKeyFile: path + ".key").publicKey == pair.publicKey)
        }
    }

    @Test("a pair that cannot be written leaves no file")
    func pairThatCannotBeWrittenLeavesNoFile() throws {
        try withFolder { folder in
            let pair = try CurveKeyPair.generate()
            try pair.publicKey.write(to: folder + "/kiln.pub")
            #expect(throws: SocketError.self) { try pair.write(to: folder + "/kiln") }
            #expect(!FileManager.default.fileExists(atPath: folder + "/kiln.key"))
        }
    }

    @Test(
        "a secret key file that others can open is rejected",
        arguments: [0o640, 0o604, 0o620, 0o601, 0o666])
    func secretKeyFileThatOthersCanOpenIsRejected(_ open: Int) throws {
        try withFolder { folder in
            let pair = try CurveKeyPair.generate()
            let path = folder + "/kiln.key"
            try pair.write(to: folder + "/kiln")
            try FileManager.default.setAttributes([.posixPermissions: open], ofItemAtPath: path)
            let error = #expect(throws: SocketError.self) {
                try CurveKeyPair(secretKeyFile: path)
            }
            #expect(
                error?.description == """
                    \(path) holds a secret key but others can open it (mode \
                    0\(String(open, radix: 8))): generate a new key, or if no one has read it, run \
                    chmod 600 \(path).
                    """)
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
            #expect(try CurveKeyPair(secretKeyFile: path).publicKey == pair.publicKey)
        }
    }

    @Test("the error for an invalid key file names it")
    func errorForInvalidKeyFileNamesIt() throws {
        try withFolder { folder in
            let path = folder + "/wrong.pub"
            for text in [
                "", "# nothing\n", "short\n", open + "\n" + open + "\n",
                String(repeating: "#", count: 10_000),
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: SocketError.self) { try CurvePublicKey(file: path) }
                #expect(error?.kind == .key)
                #expect(error?.description.hasPrefix(path) == true)
            }
            #expect(throws: SocketError.self) { try CurvePublicKey(file: folder) }
            let missing = #expect(throws: SocketError.self) {
                try CurvePublicKey(file: folder + "/none.pub")
            }
            #expect(
                missing?.description
                    == "\(folder)/none.pub cannot be opened: No such file or directory.")
        }
    }

    @Test("the wrong half of a pair is refused by name")
    func wrongHalfIsRefusedByName() throws {
        try withFolder { folder in
            let pair = try CurveKeyPair.generate()
            try pair.write(to: folder + "/kiln")
            let secret = #expect(throws: SocketError.self) {
                try CurvePublicKey(file: folder + "/kiln.key")
            }
            #expect(secret?.description.hasPrefix("\(folder)/kiln.key holds a secret key") == true)
            // Its mode is that of a public key, which must not be advised against.
            let open = #expect(throws: SocketError.self) {
                try CurveKeyPair(secretKeyFile: folder + "/kiln.pub")
            }
            #expect(open?.description.hasPrefix("\(folder)/kiln.pub holds a public key") == true)
            // Under the name of the other half, in a folder of allowed keys.
            try FileManager.default.createDirectory(
                atPath: folder + "/allowed", withIntermediateDirectories: false)
            try FileManager.default.copyItem(
                atPath: folder + "/kiln.key", toPath: folder + "/allowed/kiln.pub")
            let listed = #expect(throws: SocketError.self) {
                try AllowList(folder: folder + "/allowed")
            }
            #expect(listed?.description.contains("allowed/kiln.pub holds a secret key") == true)
        }
    }

    @Test(
        "keys of other programs are refused by name",
        arguments: [
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END", "SSH or TLS"),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI user@host\n", "SSH or TLS"),
            (
                "#   ****  Generated by pyzmq  ****\ncurve\n    public-key = \"x\"\n",
                "another ZeroMQ program"
            ),
            ("\n\n", "is empty"),
        ])
    func keysOfOtherProgramsAreRefusedByName(_ text: String, _ reason: String) throws {
        try withFolder { folder in
            let path = folder + "/a.key"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            for error in [
                #expect(throws: SocketError.self) { _ = try CurvePublicKey(file: path) },
                #expect(throws: SocketError.self) { _ = try CurveKeyPair(secretKeyFile: path) },
            ] {
                #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
                #expect(error?.description.contains("denju keys") == true)
            }
        }
    }

    @Test("a secret key without its comment is recognised if it is no public key")
    func secretKeyWithoutCommentIsRecognised() throws {
        try withFolder { folder in
            var pair = try CurveKeyPair.generate()
            let highBit: (CurveKeyPair) throws -> Bool = {
                try CurvePublicKey(z85: $0.secretKey.z85).bytes[31] & 0x80 != 0
            }
            while try !highBit(pair) { pair = try CurveKeyPair.generate() }
            let path = folder + "/bare.pub"
            try Data(pair.secretKey.z85.utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: SocketError.self) { try CurvePublicKey(file: path) }
            #expect(error?.description.contains("perhaps a secret one") == true)
            for _ in 0..<50 {
                #expect(try CurveKeyPair.generate().publicKey.bytes[31] & 0x80 == 0)
            }
        }
    }

    @Test("a renewed pair takes the place of the former one, which is kept")
    func renewedPairTakesPlaceOfFormer() throws {
        try withFolder { folder in
            let path = folder + "/kiln"
            let missing = #expect(throws: SocketError.self) {
                try CurveKeyPair.generate().renew(at: path)
            }
            #expect(missing?.description.contains("kiln.key cannot be renewed") == true)
            let pairs = try (0..<3).map { _ in try CurveKeyPair.generate() }
            try pairs[0].write(to: path)
            for number in 1...2 {
                try pairs[number].renew(at: path)
                #expect(
                    try CurveKeyPair(secretKeyFile: path + ".key").publicKey
                        == pairs[number].publicKey)
                #expect(try CurvePublicKey(file: path + ".pub") == pairs[number].publicKey)
                #expect(
                    try CurveKeyPair(secretKeyFile: path + ".key.old").publicKey
                        == pairs[number - 1].publicKey)
                #expect(
                    try CurvePublicKey(file: path + ".pub.old") == pairs[number - 1].publicKey)
                #expect(try mode(path + ".key") == 0o600)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["kiln.key", "kiln.key.old", "kiln.pub", "kiln.pub.old"])
            #expect(try AllowList(folder: folder).count == 1, "the former key may not join")
        }
    }

    @Test("a folder of public keys is an allow-list") func folderOfPublicKeysIsAllowList() throws {
        try withFolder { folder in
            let pairs = [try CurveKeyPair.generate(), try CurveKeyPair.generate()]
            try pairs[0].publicKey.write(to: folder + "/kiln.pub")
            try pairs[1].publicKey.write(to: folder + "/wheel.pub")
            try Data("not read".utf8).write(to: URL(fileURLWithPath: folder + "/README"))
            let list = try AllowList(folder: folder)
            #expect(list.count == 2)
            #expect(list.name(of: pairs[0].publicKey) == "kiln")
            #expect(list.name(ofUserID: pairs[1].publicKey.fingerprint) == "wheel")
            #expect(list.name(of: try CurveKeyPair.generate().publicKey) == nil)
            try Data("broken".utf8).write(to: URL(fileURLWithPath: folder + "/x.pub"))
            #expect(throws: SocketError.self) { try AllowList(folder: folder) }
            #expect(throws: SocketError.self) { try AllowList(folder: folder + "/none") }
        }
    }
}
