"""Messages of the data store: what is expected of a file, a cell, a form or an import, and what to do; Vietnamese and English.

:data:`nq57lab.problems.MESSAGES` takes them in; the table is code → (expected, advice) in Vietnamese, then in English.
"""

_ROWS: dict[str, tuple[str, str, str, str]] = {
    # the file
    "not_regular": (
        "một tệp thường",
        "chỉ rõ đường dẫn đến tệp CSV hoặc XLSX",
        "a regular file",
        "give the path of a CSV or XLSX file",
    ),
    "file_kind": (
        "tệp .csv, .tsv, .txt hoặc .xlsx",
        "lưu lại thành CSV UTF-8 hoặc Excel (.xlsx)",
        "a .csv, .tsv, .txt or .xlsx file",
        "save it as CSV UTF-8 or Excel (.xlsx)",
    ),
    "file_content": (
        "nội dung đúng với đuôi {kind}",
        "mở tệp bằng phần mềm đã tạo ra nó và lưu lại đúng loại (tệp .xls hoặc có mật khẩu phải lưu lại)",
        "content that fits the ending {kind}",
        "open it in the program that made it and save it as that kind (old .xls and locked files too)",
    ),
    "too_large": (
        "tệp không quá {limit}",
        "chia tệp theo cơ quan hoặc kỳ",
        "at most {limit}",
        "split the file by agency or period",
    ),
    "too_many_rows": (
        "không quá {limit} dòng",
        "chia tệp theo cơ quan hoặc kỳ",
        "at most {limit} rows",
        "split the file by agency or period",
    ),
    "too_wide": ("không quá {limit} cột", "bỏ các cột thừa", "at most {limit} columns", "delete the surplus columns"),
    "bad_workbook": (
        "một sổ Excel (.xlsx) đọc được, không mật khẩu",
        "mở bằng Excel, bỏ mật khẩu và lưu lại",
        "a readable Excel workbook (.xlsx) without password",
        "open it in Excel, remove the password and save it again",
    ),
    "zip_bomb": (
        "tệp nén bung ra không quá {limit}",
        "không mở tệp này; xin lại tệp từ nơi gửi",
        "an archive that expands to at most {limit}",
        "do not open it; ask the sender for the file again",
    ),
    "archive_name": (
        "tên tệp con nằm trong tệp nén, mỗi tên một lần",
        "không mở tệp này; xin lại tệp từ nơi gửi",
        "member names inside the archive, each once",
        "do not open it; ask the sender for the file again",
    ),
    "macro": (
        "sổ Excel không có macro",
        "lưu lại thành .xlsx không macro",
        "a workbook without macros",
        "save it as .xlsx without macros",
    ),
    "xml_entity": (
        "XML không khai báo thực thể",
        "không mở tệp này; xin lại tệp từ nơi gửi",
        "XML without entity declarations",
        "do not open it; ask the sender for the file again",
    ),
    "mojibake": (
        "chữ Việt đọc được",
        "tệp đã bị đọc sai bảng mã trước khi lưu; xuất lại từ bản gốc thành CSV UTF-8",
        "readable Vietnamese",
        "the file was read in a wrong encoding before it was saved; export it again as CSV UTF-8",
    ),
    "many_sheets": (
        "một trang tính có bảng số liệu",
        "tách mỗi trang tính thành một tệp",
        "one sheet with a table of figures",
        "save each sheet as a file of its own",
    ),
    "no_header": (
        "một dòng tiêu đề có các cột subject (Mã), area (Địa bàn), period (Kỳ), value (Giá trị) …",
        "thêm dòng tiêu đề, hoặc dùng biểu do lệnh nq57 data template lập",
        "a head with the columns subject, area, period, value …",
        "add the head, or use a form made by nq57 data template",
    ),
    "blank_head": (
        "tên cột ở dòng tiêu đề",
        "đặt tên cột hoặc xóa cột",
        "a head for this column",
        "name the column or delete it",
    ),
    "twin_column": ("mỗi cột một lần", "bỏ một trong hai cột", "each column once", "drop one of the two columns"),
    "merged_number": (
        "mỗi số một ô",
        "bỏ gộp ô và điền số cho từng dòng",
        "one cell for each number",
        "unmerge the cells and fill in each row",
    ),
    "formula_cell": (
        "giá trị, không phải công thức",
        "chép ô rồi dán dạng giá trị (Paste Special, Values)",
        "a value, not a formula",
        "copy the cell and paste it as a value",
    ),
    "error_cell": (
        "giá trị, không phải lỗi của Excel",
        "sửa ô hoặc để trống",
        "a value, not an Excel error",
        "mend or clear the cell",
    ),
    # cells
    "doubtful_number": (
        "một số chỉ đọc được một cách; ô này đọc được là {vi_reading} (cách viết Việt Nam) hoặc {en_reading} (cách viết tiếng Anh)",
        "viết không có dấu phân nghìn và dùng dấu phẩy thập phân, hoặc thêm --numbers vi hay --numbers en",
        "a number with one reading; this cell reads {vi_reading} (Vietnamese writing) or {en_reading} (English writing)",
        "write it without thousands mark and with a decimal comma, or add --numbers vi or --numbers en",
    ),
    "bad_number": (
        "một số, thí dụ 1245, 1.245,5 hoặc 84,8%",
        "chỉ ghi số; lời giải thích ghi ở cột ghi chú",
        "a number such as 1245, 1.245,5 or 84,8%",
        "write the number only; remarks go to the note",
    ),
    "bad_date": (
        "một ngày có thật, thí dụ 30/6/2026 hoặc 2026-06-30",
        "sửa ngày, năm ghi đủ bốn chữ số",
        "an existing date such as 30/6/2026 or 2026-06-30",
        "correct the date; four digits for the year",
    ),
    "bad_period": (
        "một kỳ, thí dụ 2026-06, tháng 6/2026, quý II/2026, 6 tháng đầu năm 2026 hoặc 2026",
        "sửa kỳ",
        "a period such as 2026-06, 2026-Q2, 2026-H1 or 2026",
        "correct the period",
    ),
    "doubtful_area": (
        "một địa bàn; tên này là của nhiều mã ({codes})",
        "ghi mã địa bàn",
        "one area; this name belongs to several codes ({codes})",
        "write the area's code",
    ),
    "percent_unit": (
        "đơn vị % cho ô ghi phần trăm (đơn vị của dòng là {unit})",
        "đổi đơn vị hoặc bỏ dấu %",
        "the unit % for a cell in per cent (the row's unit is {unit})",
        "change the unit or drop the % sign",
    ),
    "recorded_given": (
        "để trống hoặc ngày {today}",
        "ngày nhập do lệnh tự ghi",
        "blank or {today}",
        "leave it blank: the day of entry is written by the import",
    ),
    "formula_text": (
        "chữ không bắt đầu như công thức (=, +, -, @, |)",
        "bỏ dấu đầu ô, hoặc viết thêm dấu cách sau dấu gạch",
        "text that does not start like a formula (=, +, -, @, |)",
        "drop the sign, or put a space behind the dash",
    ),
    "html_text": ("chữ thường, không có thẻ HTML", "bỏ thẻ HTML", "plain text without HTML tags", "remove the tags"),
    "yaml_text": (
        "chữ thường, không có thẻ YAML (!!…)",
        "bỏ thẻ",
        "plain text without YAML tags (!!…)",
        "remove the tag",
    ),
    "control_text": (
        "chữ không có ký tự điều khiển",
        "xóa ô và gõ lại",
        "text without control signs",
        "clear the cell and type it again",
    ),
    "long_text": ("không quá {limit} ký tự", "rút gọn nội dung", "at most {limit} characters", "shorten the text"),
    # figures
    "share_range": (
        "một tỷ lệ từ 0 đến 100%",
        "kiểm tra tử số, mẫu số và đơn vị",
        "a share from 0 to 100%",
        "check numerator, denominator and unit",
    ),
    "count_range": ("số không âm ({unit})", "kiểm tra lại số", "no negative count ({unit})", "check the number"),
    "count_whole": (
        "số nguyên ({unit})",
        "kiểm tra dấu phẩy, dấu chấm; số ước thì ghi mức độ “khoảng”",
        "a whole number ({unit})",
        "check comma and point; mark an approximation as such",
    ),
    "rank_range": (
        "thứ hạng là số nguyên từ 1",
        "kiểm tra lại thứ hạng",
        "a rank: a whole number from 1",
        "check the rank",
    ),
    "range_order": (
        "cận trên không nhỏ hơn giá trị",
        "đổi chỗ hai số",
        "an upper end not below the value",
        "swap the two",
    ),
    "part_above_whole": (
        "{part} không lớn hơn {whole} ({limit}), hai số của {indicator}",
        "kiểm tra cả hai số",
        "{part} not above {whole} ({limit}), both of {indicator}",
        "check both figures",
    ),
    "future_period": (
        "kỳ đã bắt đầu vào ngày công bố {vintage}; số dự báo ghi tình trạng “ước tính”",
        "sửa kỳ hoặc ngày công bố",
        "a period that had begun by {vintage}; a forecast has the status estimate",
        "correct the period or the date of publication",
    ),
    "future_vintage": (
        "ngày không sau hôm nay ({today})",
        "sửa ngày",
        "a day not after today ({today})",
        "correct the date",
    ),
    "two_values": (
        "mỗi khóa một giá trị trong một lần công bố (dòng {row} ghi {value})",
        "giữ một dòng",
        "one value for a key in one vintage (row {row} has {value})",
        "keep one of the rows",
    ),
    "mixed_file": (
        "một nguồn và một ngày công bố trong một tệp ({first})",
        "tách tệp",
        "one source and one vintage in a file ({first})",
        "split the file",
    ),
    "verified_needs": (
        "người xác thực, ngày, bằng chứng và quyết định cho số đã xác thực",
        "điền ô này",
        "who, when, evidence and decision for a verified figure",
        "fill in this cell",
    ),
    "verified_only": (
        "để trống khi tình trạng không phải là đã xác thực",
        "sửa tình trạng hoặc để trống ô",
        "blank unless the status is verified",
        "correct the status or clear the cell",
    ),
    "public_needs": (
        "quyết định công khai cho số được công khai",
        "ghi số, ngày của quyết định hoặc đặt công khai là không",
        "the decision that makes the figure public",
        "give the decision, or set public to no",
    ),
    "repeated_row": (
        "số chưa có trong kho (đã có ở {id})",
        "bỏ dòng này",
        "a figure that the store does not have (it is in {id})",
        "drop this row",
    ),
    "same_day": (
        "một lần ghi trong một ngày cho cùng khóa (đã có ở {id})",
        "nhập bản đính chính từ ngày mai, hoặc ghi ngày công bố mới",
        "one entry a day for a key (it is in {id})",
        "enter the correction tomorrow, or with a new date of publication",
    ),
    "correction_reason": (
        "lý do đính chính ở cột ghi chú ({id} ghi {value})",
        "ghi lý do",
        "the reason of the correction in the note ({id} has {value})",
        "give the reason",
    ),
    "correction_decision": (
        "bằng chứng và quyết định khi đính chính số chính thức hoặc đã xác thực ({id}; Điều 18 Quy chế 02-QC/BCĐTW)",
        "điền ô này",
        "evidence and decision to correct an official or verified figure ({id}; regulation 02-QC, article 18)",
        "fill in this cell",
    ),
    "correction_hidden": (
        "tình trạng không yếu hơn số đang có ({status}), nếu không bản đính chính không có hiệu lực",
        "sửa tình trạng",
        "a status no weaker than the present one ({status}), else the correction has no effect",
        "correct the status",
    ),
    # store
    "duplicate_import": (
        "một tệp chưa nhập (nội dung đã có ở {id})",
        "không cần nhập lại",
        "a file that was not imported before (its content is in {id})",
        "there is nothing to do",
    ),
    "store_busy": (
        "kho số liệu rảnh (đang có lệnh khác ghi: {holder})",
        "chờ lệnh kia xong rồi chạy lại",
        "a free store (another command is writing: {holder})",
        "wait for the other command and run this one again",
    ),
    "excel_rows": (
        "không quá {limit} dòng cho một trang Excel",
        "dùng tệp CSV hoặc Parquet",
        "at most {limit} rows for an Excel sheet",
        "use the CSV or Parquet file",
    ),
    "sdmx_code": (
        "mã khác nhau sau khi đổi sang mã SDMX",
        "đổi một trong hai mã",
        "codes that stay different as SDMX codes",
        "rename one of the two codes",
    ),
    # forms
    "form_choice": (
        "đúng một trong --agency, --group, --form, có trong danh mục",
        "sửa lựa chọn; tra mã ở areas.csv, groups.csv, indicators.csv",
        "exactly one of --agency, --group, --form, known to the catalogue",
        "correct the choice; the codes are in areas.csv, groups.csv, indicators.csv",
    ),
    "form_empty": (
        "lựa chọn có ít nhất một số liệu phải báo cáo",
        "xem cột lead, group của indicators.csv",
        "a choice with at least one figure to report",
        "see the columns lead and group of indicators.csv",
    ),
    "form_broken": (
        "trang ẩn của biểu còn nguyên",
        "lấy biểu mới bằng lệnh nq57 data template và điền lại",
        "the form's hidden sheet untouched",
        "make a new form with nq57 data template and fill it in again",
    ),
    "form_edition": (
        "biểu của bộ chỉ số hiện hành ({edition}): {reason}",
        "lấy biểu mới bằng lệnh nq57 data template và điền lại",
        "a form of the present indicator set ({edition}): {reason}",
        "make a new form with nq57 data template and fill it in again",
    ),
    "form_key": (
        "cột khóa như khi lập biểu ({key})",
        "khôi phục ô này, hoặc lấy biểu mới",
        "the key column as the form was made ({key})",
        "restore the cell, or make a new form",
    ),
    "form_row": (
        "các dòng như khi lập biểu (thừa, thiếu hoặc lặp dòng)",
        "khôi phục dòng, hoặc lấy biểu mới",
        "the rows as the form was made (a row is missing, added or repeated)",
        "restore the row, or make a new form",
    ),
    "form_blank": (
        "ít nhất một số liệu được điền",
        "điền biểu rồi gửi lại",
        "at least one figure filled in",
        "fill in the form",
    ),
}

DATA_MESSAGES = {code: {"vi": (row[0], row[1]), "en": (row[2], row[3])} for code, row in _ROWS.items()}
