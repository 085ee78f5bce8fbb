-- Dựng cả ba dạng trong một lần chạy pandoc: nguồn đọc một lần, mỗi dạng qua các bộ lọc rồi ghi ra. Không phải một bộ lọc.
-- pandoc lua reports/_filters/ba-dang.lua viec.json; lỗi: dạng đang dựng ở dòng đầu, rồi lời báo.
local tep = dofile(pandoc.path.join({ pandoc.path.directory(arg[0]), 'tep.lua' }))

local function doc_tep(ten) return assert(tep.doc(ten), ten) end

local viec = pandoc.json.decode(doc_tep(arg[1]), false)

--- Siêu dữ liệu như --metadata-file: chữ trong đó là Markdown; của chính văn bản thì hơn.
local function sieu_du_lieu(ten, rieng)
  local meta = pandoc.read('---\n' .. doc_tep(ten) .. '\n---\n', viec.from .. '+yaml_metadata_block').meta
  for khoa, gia_tri in pairs(rieng) do meta[khoa] = gia_tri end
  return meta
end

local function dung(nguon, dang)
  FORMAT = dang.to:match('^%w+')
  local doc = nguon:clone()
  doc.meta = sieu_du_lieu(dang.metadata, nguon.meta)
  for _, loc in ipairs(viec.filters) do
    PANDOC_SCRIPT_FILE = loc
    doc = pandoc.utils.run_lua_filter(doc, loc)
  end
  local cach = dang.options
  if cach.template then cach.template = pandoc.template.compile(doc_tep(cach.template), cach.template) end
  tep.ghi(dang.output, pandoc.write(doc, dang.to, cach))
end

local dang_dung = ''
local xong, loi = pcall(function()
  local nguon = pandoc.read(doc_tep(viec.source), viec.from)
  for _, dang in ipairs(viec.formats) do
    dang_dung = dang.name
    dung(nguon, dang)
  end
end)
if not xong then
  io.stderr:write(dang_dung, '\n', tostring(loi), '\n')
  os.exit(1)
end
