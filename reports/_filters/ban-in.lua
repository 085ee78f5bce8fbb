-- Phần chỉ dành cho một bản: .chi-in (PDF, DOCX) và .chi-trang (trang HTML), đặt ở khối ::: {.chi-in} hoặc ở đề mục; đề mục
-- kéo theo mọi khối đến đề mục sau cùng cấp hoặc cấp cao hơn. Tham chiếu tới phần không có trong bản này gọi phần ấy bằng tên.
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))
local BO = chung.html and 'chi-in' or 'chi-trang'
local KHAC = chung.html and 'bản in' or 'bản điện tử'

local vang = {} -- nhãn của phần bị bỏ → tên gọi

local function ghi_vang(khoi, muc)
  khoi:walk({
    Header = function(h)
      if h.identifier ~= '' then vang[h.identifier] = 'mục “' .. pandoc.utils.stringify(h.content) .. '” của ' .. KHAC end
    end,
    Table = function(t) if t.identifier ~= '' then vang[t.identifier] = 'bảng ở ' .. (muc or KHAC) end end,
    Figure = function(f) if f.identifier ~= '' then vang[f.identifier] = 'hình ở ' .. (muc or KHAC) end end,
  })
end

local function loc(cac_khoi)
  local ra, bo_cap, muc = pandoc.Blocks({}), nil, nil
  for _, khoi in ipairs(cac_khoi) do
    if khoi.t == 'Header' and (not bo_cap or khoi.level <= bo_cap) then
      bo_cap, muc = nil, nil
      if khoi.classes:includes(BO) then
        bo_cap = khoi.level
        muc = 'mục “' .. pandoc.utils.stringify(khoi.content) .. '” của ' .. KHAC
      end
    end
    if quarto and khoi.t == 'Div' and khoi.classes:includes('hidden') then
      ra:insert(khoi) -- kho của Quarto, ở cuối văn bản: không thuộc phần nào
    elseif bo_cap or (khoi.t == 'Div' and khoi.classes:includes(BO)) then
      ghi_vang(pandoc.Blocks({ khoi }), muc)
    elseif khoi.t == 'Div' and (khoi.classes:includes('chi-in') or khoi.classes:includes('chi-trang')) then
      ra:extend(khoi.content)
    else
      ra:insert(khoi)
    end
  end
  return ra
end

local function goi_ten(cite)
  local ten = {}
  for _, c in ipairs(cite.citations) do
    if not vang[c.id] then return nil end
    ten[#ten + 1] = vang[c.id]
  end
  return pandoc.Inlines({ pandoc.Str(table.concat(ten, '; ')) })
end

return {
  { Pandoc = function(doc)
    doc.blocks = loc(doc.blocks)
    return doc:walk({ Cite = goi_ten })
  end },
}
