"""Asks the contract of older systems with zeep (Python), from its WSDL alone.

    pip install zeep
    dean06 demo                                  # in another window
    python3 client.py http://127.0.0.1:8037      # the gateway's port of the agency H55

Each line says what was tried; the program ends with 1 when one of them fails.
"""

import base64
import hashlib
import sys
import time
import uuid

import requests
import zeep
from zeep.transports import Transport

gateway = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8037"
user, secret = "test-user", "test-secret"
failed = 0


class Proven(Transport):
    """Proves the system on each call: the password is made of the address and the time."""

    def post(self, address, message, headers):
        stamp = str(int(time.time() * 1000))
        password = hashlib.sha256((address + user + stamp + secret).encode()).hexdigest()
        headers = dict(headers, Timestamp=stamp)
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        return super().post(address, message, headers)


def client(code, port):
    return zeep.Client(f"{gateway}/csdlqgdc/{code}?wsdl", transport=Proven(session=requests.Session()), service_name="DanCuService", port_name=port)


def who(**more):
    return dict({"MaYeuCau": str(uuid.uuid4()), "MaCanBo": "canbo.test"}, **more)


def tell(name, ok, got):
    global failed
    failed += not ok
    print("ok  " if ok else "FAIL", name, "" if ok else got)


for port in ("DanCuSoap", "DanCuSoap12"):
    one = client("037", port).service.TraCuuThongTinCongDan
    man = {"SoDinhDanh": "001090000001", "HoVaTen": "Nguyễn Văn Thử", "NgayThangNamSinh": {"NgayThangNam": "19900101"}}
    got = one(**who(MaDVC="1.001193", **man))
    people = got["CongDan"] if not isinstance(got, list) else got
    tell(f"{port}: somebody is found", len(people) == 1 and people[0]["HoVaTen"]["Ten"] == "NGUYỄN VĂN THỬ", got)
    got = one(**who(MaDVC="1.001193.01", SoDinhDanh="001090000001"))
    tell(f"{port}: for a case of the procedure", got is not None and len(got["CongDan"]) == 1, got)
    got = one(**who(MaDVC="1.001193", SoDinhDanh="001090000001", HoVaTen="Trần Văn Khác"))
    tell(f"{port}: another name finds nobody", got is None or not got["CongDan"], got)
    for name, code, change in (
        ("a procedure without a licence", "004", {"MaDVC": "9.999999"}),
        ("an officer without a right", "005", {"MaCanBo": "ai.do"}),
        ("no number", "missing", {"SoDinhDanh": None}),
    ):
        try:
            got = one(**dict(who(MaDVC="1.001193", SoDinhDanh="001090000001"), **change))
            tell(f"{port}: {name}", False, got)
        except zeep.exceptions.Fault as fault:
            said = fault.detail.findtext(".//{http://dancuquocgia.bca}MaLoi") if fault.detail is not None else ""
            tell(f"{port}: {name}: a fault", said == code and fault.message != "", (said, fault.code, fault.message))
    same = client("033", port).service.XacThucThongTinCongDan
    got = same(**who(MaDichVu="1.001193", SoDinhDanh="001090000001", HoVaTen="NGUYENVANTHU"))
    tell(f"{port}: matches", got is True, got)
    rest = client("099", port).service
    got = rest.CungCapThongTinHoGiaDinh(**who(MaDVC="1.001193", SoDinhDanh="001090000001"))
    tell(f"{port}: a household", len(got["CongDan"]) > 0 and got["CongDan"][0]["ChuHo"]["QuanHe"] == "CH01", got)
    got = rest.CungCapDanhSachTheoDoTuoi(**who(MaDVC="1.001193", MaDiaPhuong="01", TuTuoi=30, DenTuoi=31))
    tell(f"{port}: a list is asked for", got["TienDo"] is not None and got["IdYeuCau"], got)
    mine = rest.GetRequests(**who(MaDVC="1.001193"))
    tell(f"{port}: own lists", any(x["IdYeuCau"] == got["IdYeuCau"] for x in mine), mine)

sys.exit(1 if failed else 0)
