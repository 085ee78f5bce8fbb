-- Khung lưu ý ::: {.callout-note title="…"}, một dáng cho cả hai bộ dựng (Quarto đưa tới nút Callout).
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

local LOAI = { note = true, warning = true, important = true, tip = true, caution = true }
local tu = chung.tu_ngu(nil)

local function khung(loai, tieu_de, than)
  tieu_de = (tieu_de and tieu_de ~= '') and tieu_de or tu('callout-' .. loai .. '-title')
  if chung.html then
    than:insert(1, pandoc.RawBlock('html', '<aside class="luu-y luu-y-' .. loai .. '" aria-label="' .. chung.xml(tieu_de)
      .. '"><p class="luu-y-ten">' .. chung.xml(tieu_de) .. '</p>'))
    than:insert(pandoc.RawBlock('html', '</aside>'))
    return than
  end
  if chung.typst then
    than:insert(1, pandoc.RawBlock('typst', '#luu-y(' .. chung.chuoi_typst(loai) .. ', ' .. chung.chuoi_typst(tieu_de) .. ')['))
    than:insert(pandoc.RawBlock('typst', ']'))
    return than
  end
  if chung.docx then
    local trong = pandoc.Blocks({ chung.kieu('Luu y ten', { pandoc.Para({ pandoc.Str(tieu_de) }) }) })
    trong:extend({ chung.kieu('Luu y', than) })
    return chung.khung_docx('KhungLuuY', trong)
  end
end

local function tu_div(div)
  local loai
  for _, lop in ipairs(div.classes) do
    local ten = lop:match('^callout%-(%a+)$')
    if ten and LOAI[ten] then loai = ten end
  end
  if not loai then return nil end
  local tieu_de, than = div.attributes.title, div.content
  if not tieu_de and than[1] and than[1].t == 'Header' then
    tieu_de = pandoc.utils.stringify(than[1].content)
    than:remove(1)
  end
  return khung(loai, tieu_de, than)
end

local function tu_quarto(nut)
  if not LOAI[nut.type] then return nil end
  local than = nut.content
  if pandoc.utils.type(than) == 'Block' then than = than.t == 'Div' and than.content or { than } end
  return khung(nut.type, nut.title and pandoc.utils.stringify(nut.title), pandoc.Blocks(than))
end

return {
  { Meta = function(meta) tu = chung.tu_ngu(meta) end },
  { Div = tu_div, Callout = tu_quarto },
}
