"""A passkey made of software: what a browser sends with it."""

import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils.http import int_to_base36
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://testserver"
RELYING_PARTY = sha256(b"testserver").digest()
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Passkey:
    def __init__(self, account):
        self.id, self.account = secrets.token_bytes(16), account
        self.private = ec.generate_private_key(ec.SECP256R1())

    def data(self, name):
        """What the site stores about the key."""
        public = ES256.from_cryptography_key(self.private.public_key())
        known = AttestedCredentialData.create(bytes(16), self.id, public)
        flags = PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(RELYING_PARTY, flags, 0, known)
        client = CollectedClientData.create("webauthn.create", b"challenge", ORIGIN)
        attestation = AttestationObject.create("none", data, {})
        response = {"clientDataJSON": client, "attestationObject": attestation}
        return {"name": name, "credential": self._credential(response)}

    def answer(self, options):
        """The answer to the challenge in the options of the site."""
        challenge = options["publicKey"]["challenge"]
        client = CollectedClientData.create("webauthn.get", challenge, ORIGIN)
        data = AuthenticatorData.create(RELYING_PARTY, PRESENT_AND_VERIFIED, 0)
        signature = self.private.sign(data + client.hash, ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        handle = int_to_base36(self.account.pk).encode()
        return self._credential(response | {"userHandle": handle})

    def _credential(self, response):
        key = websafe_encode(self.id)
        encoded = {name: websafe_encode(value) for name, value in response.items()}
        return {"id": key, "rawId": key, "type": "public-key", "response": encoded}
