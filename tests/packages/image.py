"""An OCI image as a container engine reads it: the layout in the tar, each blob by its digest, layer over layer."""
import gzip
import hashlib
import io
import json
import tarfile


class Image:
    """The one image of an OCI layout's tar. Reading a blob whose digest or size is another is an error."""

    def __init__(self, path):
        self.tar = tarfile.open(path)
        if json.loads(self.read("oci-layout")) != {"imageLayoutVersion": "1.0.0"}:
            raise ValueError("not an OCI layout of version 1.0.0")
        (self.descriptor,) = json.loads(self.read("index.json"))["manifests"]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tar.close()

    def read(self, name):
        return self.tar.extractfile("./" + name).read()

    def blob(self, descriptor):
        content = self.read("blobs/" + descriptor["digest"].replace(":", "/"))
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        if (digest, len(content)) != (descriptor["digest"], descriptor["size"]):
            raise ValueError(f"{descriptor} describes a blob of {digest}, {len(content)} bytes")
        return content

    def layers(self):
        """The layers' tars, uncompressed, from the lowest."""
        layers = [gzip.decompress(self.blob(layer)) for layer in self.manifest["layers"]]
        digests = ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]
        if digests != self.config["rootfs"]["diff_ids"]:
            raise ValueError("the layers are others than those the configuration names")
        return layers

    def unpack(self, folder):
        for layer in self.layers():
            with tarfile.open(fileobj=io.BytesIO(layer)) as files:
                for member in files:
                    assert "/.wh." not in member.name, "our layers remove nothing"
                    files.extract(member, folder, numeric_owner=True)
