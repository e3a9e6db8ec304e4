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
