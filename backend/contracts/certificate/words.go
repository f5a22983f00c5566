package certificate

// words are the sentences of a certificate in one language.
type words struct {
	title, subtitle, numberIs                                             string
	basics, signers, timeline, witnesses, proves, not, check, attachments string
	name, file, hash, size, pages, contract, seen, unseen, madeBy, made   string
	signer, subject, issuer, fingerprint, stamped, unstamped, level, seal string
	when, what, who, state, device, key, noWitness, page                  string
	note, signedBy, mark                                                  string
	people, claimed, left, leftNote                                       string
	provesList, notList, checkList                                        []string
	kinds, faults                                                         map[string]string
}

func in(language string) words {
	if language == "zh" {
		return chinese()
	}
	return english()
}

func chinese() words {
	return words{
		title: "合同存证证明", subtitle: "电子合同签署过程与文件的出证", numberIs: "证书编号", mark: "存证",
		basics: "存证信息", signers: "签署人", timeline: "过程记录", witnesses: "见证", proves: "本证明能够证明", not: "本证明不能证明", check: "如何核验", attachments: "所附文件",
		name: "合同名称", file: "文件名", hash: "文件 SHA-256", size: "文件大小", pages: "页数", contract: "合同编号", seen: "存证时间",
		unseen: "尚无见证，没有可信的存证时间", madeBy: "出证人", made: "出证时间",
		signer: "姓名", subject: "证书主体", issuer: "颁发者", fingerprint: "证书指纹", stamped: "时间戳", unstamped: "没有可信时间；签署人设备时钟 ", level: "签名级别", seal: "印章",
		when: "设备时间", what: "事项", who: "何人", state: "见证", device: "设备", key: "公钥", noWitness: "尚未见证", page: "第 %d 页，共 %d 页",
		note: "时间均为协调世界时 (UTC)。设备时间由各方设备自行记录，只有见证时间与时间戳可作为依据。", signedBy: "本证明由出证人以数字证书签署",
		people: "此时间由 %d 人见证", claimed: "仅为该日志自述，合同中没有对应的有效事项", left: "未采用的日志", leftNote: "下列日志存在问题，其记录未列入本证明；其他各方的记录不受影响。",
		faults: map[string]string{
			"forked": "出现两个版本", "gap": "记录有缺漏，或次序不对", "not_there": "有记录未得到证明", "unsigned": "检查点没有该日志的签名", "foreign": "以他人名义记录",
			"too_long": "记录过多", "malformed": "无法读取", "other_document": "记录以另一文件结束",
		},
		provesList: []string{
			"所附文件与各方设备记录所指的文件逐字节相同，其 SHA-256 如上。",
			"过程记录中的各项曾按所列次序写入各方设备的存证日志，写入后未被改动；标有见证时间的，至迟在该时间已经存在，并由所列设备签名见证。注明仅为自述的，合同中没有对应的有效事项。",
			"所列签署人的数字签名在出证时经过核对，结果与上表一致；签名、证书与时间戳都在所附文件之中，可随时重新核对。",
		},
		notList: []string{
			"设备前操作的人是谁。签名对应的身份以证书颁发者的核实为准；工作区自建的证书不是依法设立的电子认证服务机构所颁发。",
			"设备时间准确。见证时间来自见证设备的时钟，只要所列见证人没有全部串通，该时间即可采信。",
			"合同内容真实、合法或有效，也不表示某一法律对签名形式的要求已经满足。",
			"没有其他未附上的记录。",
		},
		checkList: []string{
			"用 PDF 阅读器打开本证明与所附合同，查看数字签名。",
			"用离线程序 roundtable-verify 检查本文件：它逐项核对日志、证明、见证与文件哈希，不需要联网，也不需要圆桌账户。",
			"格式公开：日志为 RFC 6962 默克尔树，检查点与见证签名遵循 C2SP tlog-checkpoint 与 tlog-cosignature。",
		},
		kinds: map[string]string{
			"prepared": "拟定", "sent": "发出", "opened": "打开查看", "consented": "同意签署", "withdrawn": "撤回同意", "signed": "签署", "approved": "审批通过", "sealed": "盖章",
			"declined": "拒绝签署", "reassigned": "转交他人", "voided": "撤销合同", "reminded": "催办", "deadline_set": "设定期限", "seal_asked": "申请用印", "seal_refused": "拒绝用印",
			"completed": "签署完成", "preserved": "加固长期验证", "joined": "加入", "passed": "交接文件", "acted": "办理",
		},
	}
}

func english() words {
	return words{
		title: "Certificate of Evidence", subtitle: "The document of a contract and how it was signed", numberIs: "Certificate number", mark: "EVIDENCE",
		basics: "What is certified", signers: "Signers", timeline: "Timeline", witnesses: "Witnesses", proves: "What this proves", not: "What it does not prove", check: "How to check it", attachments: "Attached files",
		name: "Contract", file: "File name", hash: "SHA-256 of the file", size: "Size", pages: "Pages", contract: "Contract ID", seen: "Evidence time",
		unseen: "no witness yet, so no trusted time", madeBy: "Made by", made: "Made at",
		signer: "Name", subject: "Certificate of", issuer: "Issued by", fingerprint: "Fingerprint", stamped: "Time stamp", unstamped: "no trusted time; the signer's clock said ", level: "Level", seal: "Seal",
		when: "Device's clock", what: "What happened", who: "Who", state: "Witnessed", device: "Device", key: "Key", noWitness: "not yet", page: "Page %d of %d",
		note:     "All times are UTC. Devices write down what their clocks say; only witnessed times and time stamps are proof.",
		signedBy: "Signed digitally by who made it",
		people:   "people who witnessed that: %d", claimed: "only this log says so; nothing in the contract that counts is what it tells of", left: "Logs that were left out",
		leftNote: "Something is wrong with these logs, and their entries are not in this certificate. Those of the others are as good as they were.",
		faults: map[string]string{
			"forked": "shown in two versions", "gap": "entries are missing, or in another order", "not_there": "an entry is not proven", "unsigned": "a checkpoint is not signed by the log",
			"foreign": "an entry in another's name", "too_long": "too many entries", "malformed": "unreadable", "other_document": "it ends with another document",
		},
		provesList: []string{
			"The attached document is, byte by byte, the one that the entries in the parties' evidence logs name; its SHA-256 is above.",
			"The entries of the timeline were written into the logs of the parties' devices in this order and not changed since. Those with a witnessed time existed at that time at the latest; the devices that are listed signed that. What only a log says is marked.",
			"The listed digital signatures were checked when this was made, with the result above. Signatures, certificates and time stamps are in the attached document and can be checked again at any time.",
		},
		notList: []string{
			"Who sat at a device. The identity behind a signature is what the issuer of the certificate verified; a workspace's own certificate is not one of a licensed certification authority.",
			"That the clocks of devices are right. A witnessed time comes from the witnesses' clocks: it holds unless all of the listed witnesses lie together.",
			"That what the contract says is true, lawful or effective, or that a law's requirements for the form of a signature are met.",
			"That there are no other records which are not attached.",
		},
		checkList: []string{
			"Open this certificate and the attached contract in a PDF reader and look at the digital signatures.",
			"Check this file with the offline program roundtable-verify: it goes through logs, proofs, witnesses and the document's hash, and needs neither network nor account.",
			"The forms are open: the logs are Merkle trees of RFC 6962; checkpoints and cosignatures follow C2SP tlog-checkpoint and tlog-cosignature.",
		},
		kinds: map[string]string{
			"prepared": "prepared", "sent": "sent", "opened": "opened", "consented": "consented", "withdrawn": "consent withdrawn", "signed": "signed", "approved": "approved", "sealed": "sealed",
			"declined": "declined", "reassigned": "handed to somebody else", "voided": "voided", "reminded": "reminded", "deadline_set": "deadline set", "seal_asked": "use of a seal asked for", "seal_refused": "use of a seal refused",
			"completed": "completed", "preserved": "preserved for later checks", "joined": "joined", "passed": "document passed on", "acted": "acted",
		},
	}
}
