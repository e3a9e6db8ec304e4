import Cluster
import Launching
import ZeroMQ

extension ListenerSettings {
    /// Lets in the workers whose public keys lie in a folder, which is looked at again on SIGHUP.
    ///
    /// - Parameter key: the file of the receiver's own secret key.
    mutating func admit(_ workers: String, key: String) throws {
        let folder = try KeyFolder(workers)
        keys = (try CurveKeyPair(secretKeyFile: key), folder.keys)
        keyFolder = folder
        onHangUpSignal { folder.lookAgain() }
    }
}
